import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { oneByOne } from "../../../../src/sidecar/gate/one-by-one.ts";

/** A connection whose requests are served by hand. */
function makeConnection() {
  const socket = {
    destroyed: false,
    writable: true,
    destroy() {
      socket.destroyed = true;
      socket.writable = false;
    },
  };
  const served: string[] = [];
  const answers = new Map<string, EventEmitter>();
  const listener = oneByOne((incoming) => served.push(incoming.url ?? ""));
  return {
    socket,
    served,
    ask(url: string) {
      const incoming = Object.assign(new EventEmitter(), { socket, url });
      const answer = new EventEmitter();
      answers.set(url, answer);
      listener(incoming as unknown as IncomingMessage, answer as unknown as ServerResponse);
    },
    answer: (url: string) => answers.get(url)?.emit("close"),
  };
}

test("a request is served when the answer before it is out", () => {
  const one = makeConnection();
  for (const url of ["a", "b", "c"]) one.ask(url);
  expect(one.served).toEqual(["a"]);
  one.answer("a");
  expect(one.served).toEqual(["a", "b"]);
  one.answer("b");
  one.answer("c");
  one.ask("d");
  expect(one.served).toEqual(["a", "b", "c", "d"]);
});

test("connections do not wait for each other", () => {
  const listener: string[] = [];
  const serve = oneByOne((incoming) => listener.push(incoming.url ?? ""));
  for (const url of ["a", "b"]) {
    const socket = { destroyed: false, writable: true };
    const incoming = Object.assign(new EventEmitter(), { socket, url });
    serve(incoming as unknown as IncomingMessage, new EventEmitter() as unknown as ServerResponse);
  }
  expect(listener).toEqual(["a", "b"]);
});

test("seventeen may be under way; one more cuts the connection off, and no other of it is served", () => {
  const one = makeConnection();
  for (let number = 0; number < 17; number += 1) one.ask(`${number}`);
  expect(one.socket.destroyed).toBe(false);
  for (const late of ["x", "y"]) one.ask(late);
  expect(one.socket.destroyed).toBe(true);
  one.answer("0");
  expect(one.served).toEqual(["0"]);
});

test("after an answer that ended the connection nothing of it is served", () => {
  const one = makeConnection();
  one.ask("a");
  one.ask("b");
  one.socket.writable = false;
  one.answer("a");
  expect(one.served).toEqual(["a"]);
});
