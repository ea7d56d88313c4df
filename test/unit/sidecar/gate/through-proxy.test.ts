import { afterEach, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { throughProxy } from "../../../../src/sidecar/gate/through-proxy.ts";
import { dial } from "../../../../src/sidecar/gate/way-out.ts";
import type { WayOut } from "../../../../src/sidecar/gate/way-out.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

const target = { host: "github.com", port: 443, isPrivate: false };

/** A proxy that answers so; what it was asked is in `heads`. */
async function listen(answer: string, heads: string[] = []): Promise<WayOut> {
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (head: Buffer) => {
      heads.push(head.toString());
      socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return async () => ({ socket: await dial("127.0.0.1", port, 1_000), early: Buffer.alloc(0) });
}

const proxy = { host: "proxy.corp", port: 3128, direct: [], nameservers: [] };

test("the host is named to the proxy, with the credentials, and what comes behind its yes is not lost", async () => {
  const heads: string[] = [];
  const toProxy = await listen("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nearly", heads);
  const { socket, early } = await throughProxy({ ...proxy, authorization: "Basic eA==" }, toProxy)(target);
  expect(heads).toEqual([
    "CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\nProxy-Authorization: Basic eA==\r\n\r\n",
  ]);
  expect(early.toString()).toBe("early");
  socket.destroy();
});

test.each([
  ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it wants other credentials (407)"],
  ["HTTP/1.1 403 Forbidden\r\n\r\n", "it answers 403"],
  ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "it does not answer as a proxy does"],
  ["HTTP/1.1 20\r\n\r\n", "it does not answer as a proxy does"],
  ["", "it does not answer as a proxy does"],
])("%j is told as the proxy's, without the credentials", async (answer, state) => {
  const opened = throughProxy({ ...proxy, authorization: "Basic c2VjcmV0" }, await listen(answer))(target);
  const error = await opened.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ code: "unreachable", status: 502 });
  expect(error?.message).toBe(`the upstream proxy does not lead there: ${state}`);
});

test("a proxy on the sidecar's own loopback is nobody's", async () => {
  const opened = throughProxy({ ...proxy, host: "127.0.0.1" })(target);
  await expect(opened).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("never allowed"),
  });
});
