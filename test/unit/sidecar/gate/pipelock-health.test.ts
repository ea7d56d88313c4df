/** pipelock is believed only for what it says itself, and for no more than an answer can be. */
import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { askPipelock, awaitPipelock } from "../../../../src/sidecar/gate/pipelock-health.ts";

const servers: Server[] = [];
afterAll(() => servers.forEach((one) => one.close()));

const healthy = {
  status: "healthy",
  mode: "strict",
  forward_proxy_enabled: true,
  kill_switch_active: false,
  version: "1.2.3",
};

/** The port of one that answers so. */
async function answering(text: string, endsIt = true): Promise<number> {
  const server = createServer((request, response) => {
    response.write(request.url === "/health" ? text : "-");
    // Behind what was written, so that this has been looked at by then
    if (endsIt) setTimeout(() => response.end(), 50);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const ask = async (differences: object) =>
  askPipelock(await answering(JSON.stringify({ ...healthy, ...differences })));

test("its version is told once it says that it filters", async () => {
  expect(await ask({})).toBe("1.2.3");
  expect(await awaitPipelock(await answering(JSON.stringify(healthy)))).toBe("1.2.3");
});

test.each([
  [{ status: "degraded" }, 'it is "degraded"'],
  [{ status: undefined }, "it is undefined"],
  [{ mode: "audit" }, 'in mode "audit" instead of "strict"'],
  [{ forward_proxy_enabled: false }, "without its forward proxy"],
  [{ forward_proxy_enabled: "true" }, "without its forward proxy"],
  [{ kill_switch_active: true }, "kill switch is on"],
  [{ mode: "x".repeat(200) }, `in mode "${"x".repeat(79)} instead`],
])("not with %j", async (differences, reason) => {
  await expect(ask(differences)).rejects.toThrow(reason);
  await expect(
    awaitPipelock(await answering(JSON.stringify({ ...healthy, ...differences }))),
  ).rejects.toThrow(reason);
});

test("not for what is no JSON", async () => {
  await expect(askPipelock(await answering("<html>"))).rejects.toThrow("not as pipelock does");
});

test("an answer has up to 64 KiB", async () => {
  const text = JSON.stringify(healthy);
  expect(await askPipelock(await answering(text.padEnd(64 * 1024)))).toBe("1.2.3");
  await expect(askPipelock(await answering(text.padEnd(64 * 1024 + 1), false))).rejects.toThrow("too long");
});
