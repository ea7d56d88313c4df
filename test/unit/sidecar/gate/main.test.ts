/** The whole program, as far as it goes without a filter beside it: what ends it, and who is heard. By Node where there is one, as in a bottle. */
import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import gateText from "../../../../src/sidecar/bundled/gate.txt" with { type: "text" };

const node = Bun.which("node");
const folders: string[] = [];
let command = [process.execPath, join(import.meta.dir, "../../../../src/sidecar/gate/main.ts")];
beforeAll(async () => {
  if (node === null) return;
  const folder = await mkdtemp(join(tmpdir(), "gate-main-"));
  const program = join(folder, "gate.cjs");
  await writeFile(program, gateText);
  command = [node, program];
  folders.push(folder);
});
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));
const configuration = {
  type: "configure",
  destinations: [{ host: "granted.test", port: 443, protocol: "tls", isPrivate: false }],
  filter: "builtin",
  sshKeys: [],
  ports: { proxy: 0, api: 0, sshAgent: 0, pipelock: 1 },
};

/** Starts it; `tell` writes a line, `next` is the next event. It is ended with the test. */
function startGate() {
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const lines = readLines(child.stdout);
  return {
    child,
    async tell(message: object) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      await child.stdin.flush();
    },
    async next(): Promise<GateEvent | undefined> {
      const { value } = await lines.next();
      return value === undefined ? undefined : (JSON.parse(value) as GateEvent);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function* readLines(output: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let pending = "";
  for await (const chunk of output) {
    const lines = (pending + Buffer.from(chunk).toString()).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}

describe("the gate ends with a reason", () => {
  test("when its input ends before it knows what it is to do", async () => {
    await using gate = startGate();
    await gate.child.stdin.end();
    expect(await gate.next()).toMatchObject({
      event: "fatal",
      message: expect.stringContaining("stdin ended before the configuration came"),
    });
    expect(await gate.child.exited).toBe(1);
  });

  test.each([
    ["a change that comes first", { type: "ping", id: "1" }, "a change came before the configuration"],
    ["a configuration that is none", { ...configuration, filter: "none" }, "filter"],
    [
      "plain http with nobody to look through it",
      { ...configuration, destinations: [{ ...configuration.destinations[0], port: 80, protocol: "http" }] },
      "there is no pipelock to search it",
    ],
  ])("for %s", async (_, message, reason) => {
    await using gate = startGate();
    await gate.tell(message);
    expect(await gate.next()).toMatchObject({ event: "fatal", message: expect.stringContaining(reason) });
    expect(await gate.child.exited).toBe(1);
  });

  test("and without one when it is told to", async () => {
    await using gate = startGate();
    await gate.tell(configuration);
    expect(await gate.next()).toMatchObject({ event: "ready" });
    gate.child.kill("SIGTERM");
    expect(await gate.child.exited).toBe(0);
  });
});

test("the gate opens what it was told to, answers changes, and stays when the launcher goes away", async () => {
  await using gate = startGate();
  await gate.tell(configuration);
  const ready = await gate.next();
  // Neither the API nor keys were given to it
  expect(ready).toMatchObject({ event: "ready", pipelock: null, ports: { api: 0, sshAgent: 0 } });
  expect(await gate.next()).toMatchObject({ event: "counts", refused: 0, asks: [] });
  await gate.tell({ type: "deny", id: "1", host: "granted.test", port: 443 });
  expect(await gate.next()).toMatchObject({ event: "policy", id: "1", action: "deny", host: "granted.test" });
  await gate.child.stdin.end();
  const { proxy } = (ready as Extract<GateEvent, { event: "ready" }>).ports;
  expect(await ask(proxy)).toContain("claude-bottle blocked granted.test:443");
});

test.each([
  ["of its own", false, ["attempt", "counts", "pong"]],
  ["in place of one that ended", true, ["attempt", "pong"]],
])("a gate %s counts what its log holds only if it knows all of it", async (_, isAgain, expected) => {
  await using gate = startGate();
  await gate.tell({ ...configuration, destinations: [], isAgain });
  const { ports } = (await gate.next()) as Extract<GateEvent, { event: "ready" }>;
  if (!isAgain) await gate.next();
  await ask(ports.proxy);
  await gate.tell({ type: "ping", id: "1" });
  const told: string[] = [];
  while (told.at(-1) !== "pong") told.push((await gate.next())?.event ?? "pong");
  expect(told).toEqual(expected);
});

/** What it answers to whoever comes from this machine. */
async function ask(port: number, question = "CONNECT granted.test:443 HTTP/1.1\r\n\r\n"): Promise<string> {
  // Whoever is not heard may find the connection reset
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  socket.write(question);
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

test.each([
  ["itself", "127.0.0.1", true],
  ["another", "127.0.0.2", false],
])("with %s as its agent whoever comes from here is heard: %p", async (_, peer, isHeard) => {
  await using gate = startGate();
  const none = { ...configuration, destinations: [], peer };
  await gate.tell(none);
  const ready = (await gate.next()) as Extract<GateEvent, { event: "ready" }>;
  const answer = await ask(ready.ports.proxy);
  if (isHeard) expect(answer).toContain("claude-bottle blocked granted.test:443");
  else expect(answer).toBe("");
});

/** Bun has limits of its own */
describe.skipIf(node === null)("a call of the API", () => {
  test.each([
    [60 * 1024, "HTTP/1.1 403 "],
    [68 * 1024, "HTTP/1.1 431 "],
  ])("with headers of %p bytes gets %j", async (bytes, status) => {
    await using gate = startGate();
    const credential = { header: "x-api-key", value: "canary-9" };
    await gate.tell({ ...configuration, api: { host: "api.example", isPrivate: false, credential } });
    const ready = (await gate.next()) as Extract<GateEvent, { event: "ready" }>;
    const answer = await ask(
      ready.ports.api,
      `GET /v1/files HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: ${"x".repeat(bytes)}\r\n\r\n`,
    );
    // Whoever sends more than is read is cut off, and may not see why
    if (status.includes("403")) expect(answer).toStartWith(status);
    else expect(answer).not.toContain("403");
  });
});
