/** The way out through the filter: what an agent is told of its answers, and that nothing of them acts on a terminal. */
import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { throughPipelock } from "../../../../src/sidecar/gate/through-pipelock.ts";

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

const target = { host: "a.test", port: 443, isPrivate: false };

/** A filter on loopback that answers a CONNECT so; without `isClosing` it forgets to end the connection. */
async function aFilter(answer: string | undefined, isClosing = true) {
  const heads: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", (chunk) => {
      heads.push(String(chunk));
      if (answer !== undefined) socket.write(answer);
      if (isClosing) socket.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push({ close: () => (sockets.forEach((one) => one.destroy()), server.close()) });
  return { port: (server.address() as AddressInfo).port, heads };
}

const losses: string[] = [];
const healthy = { isHealthy: () => true, reportLoss: (why: string) => void losses.push(why) };

async function refusalOf(answer: string, isClosing = true): Promise<string> {
  const { port } = await aFilter(answer, isClosing);
  const error: unknown = await throughPipelock(port, healthy)(target).catch((one: unknown) => one);
  if (!(error instanceof Refusal)) return "passed";
  return `${error.status} ${error.code}: ${error.message}`;
}
const answer = (status: string, body = "") => `HTTP/1.1 ${status}\r\n\r\n${body}`;

describe("a filter's answer", () => {
  test("that lets through opens the way, with what came behind it", async () => {
    const { port, heads } = await aFilter(`${answer("200 Connection established")}early`, false);
    const { socket, early } = await throughPipelock(port, healthy)(target);
    expect(heads).toEqual(["CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nConnection: close\r\n\r\n"]);
    expect(String(early)).toBe("early");
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test.each<[string, string, string]>([
    ["502 Bad Gateway", "CONNECT blocked: dial failed", "502 unreachable: it cannot be reached"],
    ["403 Forbidden", "CONNECT blocked: not listed", "403 filter: pipelock blocks it (not listed)"],
    ["403 Forbidden", "", "403 filter: pipelock blocks it (it answered 403)"],
    ["429 Too Many", "slow down", "429 filter: pipelock blocks it (slow down)"],
    ["503 Full", "kill switch", "503 filter: pipelock blocks it (kill switch)"],
    ["500 Error", "bug", "403 filter: pipelock blocks it (bug)"],
    ["403 Forbidden", "SSRF: 10.0.0.1 is private", "403 private-address: SSRF: 10.0.0.1 is private"],
    [
      "403 Forbidden",
      "SSRF: DNS resolution error: no such host",
      "502 unreachable: the name does not resolve",
    ],
    ["403 Forbidden", "DNS resolution error", "403 filter: pipelock blocks it (DNS resolution error)"],
    // Only the beginning is what pipelock puts before its reason
    ["403 Forbidden", "so CONNECT blocked: x", "403 filter: pipelock blocks it (so CONNECT blocked: x)"],
  ])("%s with %j is told to the agent", async (status, body, told) => {
    expect(await refusalOf(answer(status, body))).toBe(told);
  });

  test.each(["HTTP/1.1 2000 OK", "HTTP/2 200 OK", "200", "HTTP/1.1 201 Created", "x HTTP/1.1 200 OK"])(
    "%j lets nothing through",
    async (line) => {
      expect(await refusalOf(`${line}\r\n\r\n`)).not.toBe("passed");
    },
  );

  test("is told as at most 300 printable characters", async () => {
    expect(await refusalOf(answer("403 No", " a\u001b[2J\r\n\tb \u0000"))).toBe(
      "403 filter: pipelock blocks it (a [2J b)",
    );
    const long = await refusalOf(answer("403 No", "x".repeat(301)));
    expect(long).toBe(`403 filter: pipelock blocks it (${"x".repeat(300)})`);
  });

  test("that goes on without an end is cut, also where the filter forgets to close", async () => {
    expect(await refusalOf(answer("403 No", "y".repeat(5_000)), false)).toContain(`(${"y".repeat(300)})`);
    expect(await refusalOf(answer("403 No", "why"), false)).toBe("403 filter: pipelock blocks it (why)");
  }, 20_000);

  test("that ends before it is whole is none", async () => {
    expect(await refusalOf("HTTP/1.1 200 OK\r\n")).toBe("502 filter: the sidecar's filter did not answer");
  });
});

describe("without a filter that is known to run", () => {
  const notRunning = "the sidecar's filter is not running or not verified";

  test("nothing is asked", async () => {
    const { port, heads } = await aFilter(answer("200 OK"));
    const out = throughPipelock(port, { ...healthy, isHealthy: () => false })(target);
    expect(await out.catch((error: Refusal) => [error.status, error.code, error.message])).toEqual([
      503,
      "filter",
      notRunning,
    ]);
    expect(heads).toEqual([]);
  });

  test("a port where nobody answers is told, so that whoever answers there next has to prove what it runs", async () => {
    const { port } = await aFilter(undefined);
    open.splice(0).forEach((one) => one.close());
    losses.length = 0;
    const out = throughPipelock(port, healthy)(target);
    expect(await out.catch((error: Refusal) => [error.status, error.message])).toEqual([503, notRunning]);
    expect(losses).toEqual(["nobody answers at its port"]);
  });

  test("an address that nobody may reach is not even asked for", async () => {
    const { port, heads } = await aFilter(answer("200 OK"));
    const out = throughPipelock(port, healthy)({ ...target, isPrivate: true, host: "169.254.169.254" });
    expect(await out.catch((error: Refusal) => error.code)).toBe("private-address");
    expect(heads).toEqual([]);
  });
});
