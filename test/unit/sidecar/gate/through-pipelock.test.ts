import { afterEach, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { throughPipelock } from "../../../../src/sidecar/gate/through-pipelock.ts";

const filter = { isHealthy: () => true, reportLoss: () => undefined };
const target = { host: "10.1.2.3", port: 443, isPrivate: false };
let server: Server | undefined;

afterEach(() => void server?.close());

/** Answers as pipelock 2.3.0 does: the connection of a refusal stays open unless the client wants it closed. */
async function listen(status: string, body: string, heads: string[] = []): Promise<number> {
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (head: Buffer) => {
      heads.push(head.toString());
      const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
      socket.write(`HTTP/1.1 ${status}\r\n${length}\r\n${body}`);
      if (body !== "" && /^connection: close\r$/im.test(head.toString())) socket.end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

test.each([
  [
    "403 Forbidden",
    "CONNECT blocked: domain not in allowlist: 10.1.2.3\n",
    "filter",
    403,
    "domain not in allowlist: 10.1.2.3",
  ],
  ["429 Too Many Requests", "CONNECT blocked: rate limit exceeded for a.test\n", "filter", 429, "rate limit"],
  ["502 Bad Gateway", "tunnel dial failed\n", "unreachable", 502, "cannot be reached"],
  [
    "403 Forbidden",
    "CONNECT blocked: SSRF blocked: a resolves to internal IP 10.0.0.1\n",
    "private-address",
    403,
    "internal IP",
  ],
  [
    "403 Forbidden",
    "CONNECT blocked: SSRF check failed: DNS resolution error for a: x\n",
    "unreachable",
    502,
    "not resolve",
  ],
] as const)(
  "a refusal is asked for with its connection's end, and told: %s %s",
  async (status, body, code, ours, reason) => {
    const heads: string[] = [];
    const port = await listen(status, body, heads);
    await expect(throughPipelock(port, filter)(target)).rejects.toMatchObject({
      code,
      status: ours,
      message: expect.stringContaining(reason),
    });
    expect(heads).toEqual([
      "CONNECT 10.1.2.3:443 HTTP/1.1\r\nHost: 10.1.2.3:443\r\nConnection: close\r\n\r\n",
    ]);
  },
);

test("a tunnel that was granted stays open", async () => {
  const port = await listen("200 Connection Established", "");
  const { socket } = await throughPipelock(port, filter)(target);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});
