import { afterAll, expect, jest, onTestFinished, test } from "bun:test";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, Socket } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { makePlainForwarder } from "../../../../src/sidecar/gate/plain-forwarder.ts";
import { parsePlainRequest } from "../../../../src/sidecar/gate/plain-request.ts";

const servers: Server[] = [];
afterAll(() => servers.forEach((one) => one.close()));

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("an agent that does not close its side is closed a moment after the whole answer", async () => {
  const filter = createHttpServer((_request, response) => response.end("hello"));
  const forward = makePlainForwarder(await portOf(filter), { isHealthy: () => true });
  const request = parsePlainRequest("GET http://a.test/ HTTP/1.1\r\nHost: a.test");
  if (!request) throw new Error("It is not read");
  const accepted = Promise.withResolvers<Socket>();
  const front = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accepted.resolve);
  const agent = connect({ port: await portOf(front), host: "127.0.0.1", allowHalfOpen: true });
  let seen = "";
  agent.on("data", (chunk) => (seen += String(chunk))).on("error", () => undefined);
  const served = await accepted.promise;
  const closed = once(served, "close");
  const counts = await forward(served, { ...request, isPrivate: false }, Buffer.alloc(0));
  expect(counts).toEqual({ sentBytes: 0, receivedBytes: 5 });
  await closed;
  expect(seen).toStartWith("HTTP/1.1 200 OK\r\n");
  expect(seen).toEndWith("Connection: close\r\n\r\nhello");
  agent.destroy();
});

/** What the filter gets of a body that the agent sends in these pieces before it closes its side, and what comes back. */
async function send(length: number, early: string, ...pieces: string[]) {
  let got = "";
  const filter = createHttpServer((incoming, response) => {
    incoming.on("error", () => undefined);
    incoming.on("data", (chunk) => (got += String(chunk)));
    incoming.on("end", () => response.end("taken"));
  });
  const forward = makePlainForwarder(await portOf(filter), { isHealthy: () => true });
  const request = parsePlainRequest(`POST http://a.test/ HTTP/1.1\r\nContent-Length: ${length}`);
  if (!request) throw new Error("It is not read");
  const accepted = Promise.withResolvers<Socket>();
  const front = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accepted.resolve);
  const agent = connect({ port: await portOf(front), host: "127.0.0.1", allowHalfOpen: true });
  let seen = "";
  agent.on("data", (chunk) => (seen += String(chunk))).on("error", () => undefined);
  const answered = new Promise<void>((resolve) => agent.once("end", resolve).once("close", resolve));
  const served = await accepted.promise;
  const counts = forward(served, { ...request, isPrivate: false }, Buffer.from(early)).catch(
    (error: Error) => error.message,
  );
  for (const piece of pieces) agent.write(piece);
  agent.end();
  const told = await counts;
  // As the proxy does with what has failed
  if (typeof told === "string") served.destroy();
  await answered;
  agent.destroy();
  return { got, seen, told };
}

test("an agent that closes its side behind the whole body gets the answer", async () => {
  const { got, seen, told } = await send(6, "ab", "cd", "ef");
  expect([got, told]).toEqual(["abcdef", { sentBytes: 6, receivedBytes: 5 }]);
  expect(seen).toEndWith("taken");
});

test("what is behind the body is no part of it, and half a body is no answer's", async () => {
  expect((await send(2, "abcd", "ef")).got).toBe("ab");
  const { seen } = await send(3, "a", "b");
  expect(seen).not.toContain("taken");
});

test("a filter that does not answer is given up after 45 seconds", async () => {
  jest.useFakeTimers();
  onTestFinished(() => void jest.useRealTimers());
  const asked = Promise.withResolvers<void>();
  const filter = createHttpServer(() => asked.resolve());
  const forward = makePlainForwarder(await portOf(filter), { isHealthy: () => true });
  const request = parsePlainRequest("GET http://a.test/ HTTP/1.1");
  if (!request) throw new Error("It is not read");
  const agent = new Socket();
  let failure: string | undefined;
  const forwarding = forward(agent, { ...request, isPrivate: false }, Buffer.alloc(0)).catch(
    (error: Error) => void (failure = error.message),
  );
  await asked.promise;
  jest.advanceTimersByTime(44_999);
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(failure).toBeUndefined();
  jest.advanceTimersByTime(1);
  await forwarding;
  expect(failure).toContain("the sidecar's filter did not answer");
});
