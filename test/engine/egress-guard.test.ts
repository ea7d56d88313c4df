import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { SessionResult } from "../../src/bottle/bottle.ts";
import { inspectContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { launchEgressBottle, makeBottles, quietTerminal, readFrom } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottleOptions } from "../support/egress-plan.ts";
import { awaitListening, connectScript, echoServer } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { filterForTests } from "../support/pipelock-image.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;
let one: EgressBottle;
let session: Promise<SessionResult>;
let input: PassThrough;
let told: string;
let server: string;

describe.skipIf(typeof found === "string")("a sidecar that breaks during a session", () => {
  beforeEach(() => {
    run = beginTestRun(engine);
  });
  afterEach(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  test("is started again when the gate ends: same address, same policy, live changes included", async () => {
    await begin({ private: ["server.test"] });
    const bottles = makeBottles(run, one.plan.image.reference);
    const id = { session: one.plan.session };
    await bottles.allow({ ...id, host: "later.test", isPrivate: false, forMs: undefined });
    await bottles.allow({ ...id, host: "hour.test", isPrivate: false, forMs: 3_600_000 });
    await bottles.deny({ ...id, host: "denied.server.test" });
    const watching = new AbortController();
    const records = bottles.readEgress({ ...id, isFollowing: true, signal: watching.signal });
    const seen = (async () => {
      for await (const record of records) if (record.host === "after.test") return record.verdict;
      return "nothing";
    })();
    await kill("gate");
    expect(await askUntil("server.test", (word) => word === "200")).toBe("200");
    // Whoever follows the log goes on to see what happens after it
    await ask("after.test");
    expect(await seen).toBe("refused");
    watching.abort();
    expect(await ask("later.test")).toBe("unreachable");
    expect(await ask("hour.test")).toBe("unreachable");
    expect(await ask("denied.server.test")).toBe("not-allowed");
    expect(await ask("other.test")).toBe("not-allowed");
    // Of both gates: denied.server.test, after.test, other.test, and those two that cannot be reached
    expect((await bottles.readDetails(id.session)).refused).toBe(5);
    // The control of the last test: after a single failure the session goes on
    input.end();
    expect(await session).toMatchObject({ exitCode: 0, note: undefined });
    expect(told).toContain("gate ended (exit code 137) and was restarted and verified");
  });

  test("leaves no way out while the gate is gone", async () => {
    await begin({ private: ["server.test"] });
    const address = await serverAddress();
    // The control: the very connection is open to the gate
    expect(await connectFrom("gate", address)).toBe("connected");
    await setPaused("gate", true);
    // Which of the two depends on the engine: no route at all, or one to a gateway that does not exist
    expect(["ENETUNREACH", "EHOSTUNREACH"]).toContain(await connectFrom("agent", address));
    await setPaused("gate", false);
    expect(await ask("server.test")).toBe("200");
  });

  test("is started again when pipelock ends, and lets nothing through before it is verified", async () => {
    await begin({ private: ["server.test"], pipelockImage: await filterForTests(engine) });
    expect(await ask("server.test")).toBe("200");
    const before = await startedAt("pipelock");
    await kill("pipelock");
    expect(await ask("server.test")).toBe("filter");
    expect(await askUntil("server.test", (word) => word === "200")).toBe("200");
    expect(await startedAt("pipelock")).not.toBe(before);
    input.end();
    await session;
    expect(told).toContain("pipelock ended (exit code 137) and was restarted and verified");
  });

  test("is started again when pipelock hangs", async () => {
    await begin({ private: ["server.test"], pipelockImage: await filterForTests(engine) });
    const before = await startedAt("pipelock");
    await setPaused("pipelock", true);
    while ((await startedAt("pipelock")) === before) await Bun.sleep(500);
    expect(await askUntil("server.test", (word) => word === "200")).toBe("200");
    input.end();
    await session;
    expect(told).toContain("pipelock did not answer and was restarted and verified");
  });

  test("is brought back whole when the gate ends and pipelock stays in the old namespace", async () => {
    await begin({ private: ["server.test"], pipelockImage: await filterForTests(engine) });
    await kill("gate");
    expect(await askUntil("server.test", (word) => word === "200")).toBe("200");
    expect(await ask("other.test")).toBe("not-allowed");
  });

  test("ends the session when it fails again and again", async () => {
    await begin({ private: ["server.test"] });
    const ended = session.then(() => true);
    do await kill("gate").catch(() => undefined);
    while (!(await Promise.race([ended, Bun.sleep(300)])));
    const { exitCode, note } = await session;
    expect(exitCode).toBe(1);
    expect(note).toMatch(/^The session was ended: gate (ended|could not be started again)/);
    expect(told).toContain("gate ended (exit code 137)");
  });
});

async function begin(options: EgressBottleOptions): Promise<void> {
  input = new PassThrough();
  told = "";
  const errorOutput = new PassThrough();
  errorOutput.on("data", (chunk: Buffer) => (told += String(chunk)));
  const terminal = {
    ...quietTerminal,
    input: readFrom(input),
    output: new PassThrough().resume(),
    errorOutput,
  };
  one = await launchEgressBottle(run, { image: await ensureFakeClaude(engine), terminal, ...options });
  session = one.bottle.attach(terminal);
  session.catch(() => undefined);
  server = await one.addServer("server.test", { Cmd: echoServer });
  await awaitListening(engine, server);
}

/** Where the test's server is in the egress network. */
async function serverAddress(): Promise<string> {
  const settings = await inspectContainer<{
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  }>(engine, server);
  return Object.values(settings.NetworkSettings.Networks)[0]?.IPAddress ?? "";
}

/** Connects past the gate, straight to an address. */
async function connectFrom(role: "agent" | "gate", address: string): Promise<string> {
  const program = `const s = require("net").connect(443, process.argv[1]);
    const say = (word) => { console.log(word); process.exit(0); };
    s.on("connect", () => say("connected")); s.on("error", (error) => say(error.code));`;
  const command = ["node", "--no-warnings", "-e", program, address];
  return (await runExec(engine, await one.container(role), { command })).stdout.trim();
}

async function ask(host: string): Promise<string> {
  return (await one.run(connectScript(host, 443))).stdout.trim();
}

async function askUntil(host: string, isWanted: (word: string) => boolean): Promise<string> {
  for (;;) {
    const word = await ask(host);
    if (isWanted(word)) return word;
  }
}

async function kill(part: "gate" | "pipelock"): Promise<void> {
  await engine.send("POST", `/containers/${await one.container(part)}/kill`);
}

async function setPaused(part: "gate" | "pipelock", isPaused: boolean): Promise<void> {
  await engine.send("POST", `/containers/${await one.container(part)}/${isPaused ? "pause" : "unpause"}`);
}

async function startedAt(part: "gate" | "pipelock"): Promise<string> {
  const { State } = await inspectContainer<{ State: { StartedAt: string } }>(
    engine,
    await one.container(part),
  );
  return State.StartedAt;
}
