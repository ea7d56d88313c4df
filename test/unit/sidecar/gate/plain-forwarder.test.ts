import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
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
