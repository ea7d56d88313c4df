/** What every platform must do for a bottle that runs, whatever it is made of. A platform's own test file hands itself over to this. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { askGate } from "../../src/bottle/gate/gate-control.ts";
import type { Part } from "../../src/bottle/platform/part.ts";
import type { Capabilities, Platform } from "../../src/bottle/platform/platform.ts";
import { failureOf } from "../support/failure.ts";
import { describePlatformItself, describeRemoval, describeStorage } from "./keeping-contract.ts";
import { readAll } from "./read-output.ts";

/** A bottle without pipelock whose agent waits for its environment and has no terminal. */
export interface ContractBottle {
  readonly platform: Platform;
  readonly session: string;
  readonly name: string;
  readonly image: string;
  /** Removes it, and whatever else was made for it but the work */
  destroy(): Promise<void>;
  end(): Promise<void>;
}

const quiet = new AbortController().signal;
const sh = (script: string) => ["/bin/sh", "-c", script];

/** Declares the tests. `launch` is called once; `capabilities` are the platform's own. */
export function describePlatform(
  name: string,
  capabilities: Capabilities,
  launch: () => Promise<ContractBottle>,
): void {
  describe(`${name} as a platform`, () => {
    let bottle: ContractBottle;
    const find = async (role: "agent" | "gate"): Promise<Part> => {
      const part = (await bottle.platform.findParts(bottle.session))[role];
      if (!part) throw new Error(`The bottle has no ${role}`);
      return part;
    };

    beforeAll(async () => void (bottle = await launch()));
    afterAll(() => bottle?.end());

    describeFinding(() => bottle);
    describeCommands(find, capabilities);
    describeMain(find);
    describePlatformItself(() => bottle);
    describeStorage(() => bottle);
    // Last, since nothing runs afterwards
    describeEnd(() => bottle, find);
    describeRemoval(() => bottle);
  });
}

function describeFinding(bottleOf: () => ContractBottle): void {
  test("lists the bottle, and finds the parts of its session and of no other", async () => {
    const { platform, session, name } = bottleOf();
    const listed = (await platform.list()).find((one) => one.session === session);
    expect(listed).toMatchObject({ name, session, isOwned: true });
    const { agent, gate, pipelock } = await platform.findParts(session);
    expect([agent?.role, gate?.role, pipelock]).toEqual(["agent", "gate", undefined]);
    expect([agent?.isRunning, gate?.isRunning]).toEqual([true, true]);
    expect(await platform.findParts("nosuch")).toEqual({});
    const { bottle, parts } = await platform.find(session);
    expect(bottle).toEqual(listed);
    expect(Object.keys(parts)).toEqual(["agent", "gate"]);
    expect(await platform.find("nosuch")).toEqual({ bottle: undefined, parts: {} });
  });
}

type Find = (role: "agent" | "gate") => Promise<Part>;

function describeCommands(find: Find, capabilities: Capabilities): void {
  test("runs a command: its input, its two outputs and its exit code", async () => {
    const agent = await find("agent");
    const script = 'read -r line; echo "out $line"; echo err >&2; pwd; exit 3';
    const ran = await agent.run({ command: sh(script), input: "in\n", workingDir: "/tmp" });
    expect(ran).toEqual({ exitCode: 3, stdout: "out in\n/tmp\n", stderr: "err\n" });
  });

  test("gives 126 or 127 for a command that is not there, which is no error", async () => {
    const { exitCode } = await (await find("agent")).run({ command: ["no-such-command"] });
    expect([126, 127]).toContain(exitCode);
  });

  test("runs as the part's own user, who is nobody of importance", async () => {
    const { stdout } = await (await find("agent")).run({ command: ["id", "-u"] });
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  test.skipIf(!capabilities.runsAsOthers)("runs as another user where it is asked to", async () => {
    const { stdout } = await (await find("agent")).run({ command: ["id", "-u"], user: "0:0" });
    expect(stdout).toBe("0\n");
  });

  test("refuses an output that is longer than was asked for", async () => {
    const agent = await find("agent");
    const failure = await failureOf(agent.run({ command: sh("yes | head -c 5000"), maxOutputBytes: 1000 }));
    expect(failure.message).toContain("more than");
  });

  test("stops waiting at a signal", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = (await find("agent")).run({ command: ["sleep", "60"], signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("opens a command: bytes in both directions, its outputs apart, and its exit code after them", async () => {
    const open = { workingDir: "/", size: undefined, env: ["WORD=given"] };
    const session = await (
      await find("agent")
    ).open({ ...open, command: sh('cat; echo "$WORD" >&2; exit 5') });
    await session.stream.write("a line\n");
    session.stream.endInput();
    expect(await readAll(session.stream)).toEqual({ stdout: "a line\n", stderr: "given\n" });
    expect(await session.exitCode()).toBe(5);
    session.stream.destroy();
  });

  test.skipIf(!capabilities.resizes)(
    "gives a command a terminal that can be resized, on which all is one output",
    async () => {
      const open = { workingDir: "/", size: { columns: 80, rows: 24 }, env: [] };
      const session = await (
        await find("agent")
      ).open({ ...open, command: sh("read -r _; stty size; echo err >&2") });
      await session.resize(91, 17);
      await session.stream.write("\r");
      const { stdout, stderr } = await readAll(session.stream);
      expect(stdout).toContain("17 91");
      expect(stdout).toContain("err");
      expect(stderr).toBe("");
      session.stream.destroy();
    },
  );
}

function describeMain(find: Find): void {
  test("says what state a part is in, and what memory it has", async () => {
    const agent = await find("agent");
    expect(await agent.state()).toEqual({
      isRunning: true,
      hasTerminal: false,
      isOutOfMemory: false,
      isPaused: false,
    });
    const bytes = await agent.readMemory();
    if (bytes !== undefined) expect(bytes).toBeGreaterThan(0);
  });

  test("pauses a part, in which no command can be run then, and lets it go on", async () => {
    const agent = await find("agent");
    await agent.pause();
    await agent.pause();
    expect(await agent.state()).toMatchObject({ isRunning: true, isPaused: true });
    expect((await find("agent")).isRunning).toBe(true);
    const signal = AbortSignal.timeout(1_000);
    const failure = await failureOf(agent.run({ command: ["true"], signal }));
    expect(failure.message).not.toBe("");
    await agent.resume();
    await agent.resume();
    expect(await agent.state()).toMatchObject({ isRunning: true, isPaused: false });
    // The control: it can where nothing is paused
    expect(await agent.run({ command: ["true"] })).toMatchObject({ exitCode: 0 });
  });

  test("starts nothing twice: one that runs is fine", async () => {
    const gate = await find("gate");
    await gate.start();
    expect(await gate.state()).toMatchObject({ isRunning: true });
  });

  test("joins a main program beside its launcher, and has it answer", async () => {
    expect(await askGate(await find("gate"), { type: "describe" }, "described")).toMatchObject({
      filter: "builtin",
      destinations: [],
    });
  });

  test("reads what a main program has said, with times and without, and follows it until a signal", async () => {
    const gate = await find("gate");
    const [plain, timed] = await Promise.all([
      readAll({ output: gate.readLogs({ isFollowing: false }) }),
      readAll({ output: gate.readLogs({ isFollowing: false, hasTimes: true }) }),
    ]);
    expect(plain.stdout).toMatch(/^\{"event":"ready"/m);
    expect(timed.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \{"event":"ready"/m);
    const last = await readAll({ output: gate.readLogs({ isFollowing: false, tail: 1 }) });
    expect(last.stdout.trim().split("\n")).toHaveLength(1);
    const controller = new AbortController();
    const followed = gate.readLogs({ isFollowing: true, signal: controller.signal });
    let seen = "";
    await askGate(gate, { type: "ping" }, "pong", "contract-ping");
    try {
      for await (const { data } of followed) {
        seen += Buffer.from(data).toString();
        if (seen.includes("contract-ping")) controller.abort();
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
    expect(seen).toContain("contract-ping");
  });

  test("reads a file of a part in which no program can write, and says where there is none", async () => {
    const gate = await find("gate");
    expect(await gate.readFile("/etc/passwd")).toContain("root:");
    expect(await gate.readFile("/etc/no-such-file")).toBeUndefined();
  });
}

function describeEnd(bottleOf: () => ContractBottle, find: Find): void {
  test("a part that is stopped has ended for all who wait: its state, its exit, and what is open in it", async () => {
    const agent = await find("agent");
    const { exit } = await agent.openWait();
    const open = { workingDir: "/", size: undefined, env: [] };
    const session = await agent.open({ ...open, command: sh("cat; sleep 600") });
    const output = readAll(session.stream);
    await agent.stop(0);
    expect(await exit).toBeNumber();
    expect((await agent.state()).isRunning).toBe(false);
    await output;
    session.stream.destroy();
    // One that has ended is fine
    await agent.stop(0);
  });

  test("a bottle that is destroyed leaves no part", async () => {
    const { platform, session, destroy } = bottleOf();
    const agent = await find("agent");
    await destroy();
    expect(await platform.findParts(session)).toEqual({});
    expect((await platform.list()).some((one) => one.session === session)).toBe(false);
    await failureOf(agent.state());
    await failureOf(agent.run({ command: ["true"], signal: quiet }));
  });
}
