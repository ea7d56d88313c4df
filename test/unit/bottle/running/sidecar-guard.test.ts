import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import { afterEach, beforeEach, expect, jest, onTestFinished, spyOn, test } from "bun:test";
import { makeParts } from "../../../../src/bottle/docker/find-parts.ts";
import { openPartEvents } from "../../../../src/bottle/docker/part-events.ts";
import type { Sidecar } from "../../../../src/bottle/gate/sidecar.ts";
import { guardSidecar } from "../../../../src/bottle/running/sidecar-guard.ts";
import type { Engine } from "../../../../src/engine/engine.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Lets what is settled come to pass; nothing in it waits for a timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A sidecar whose containers have ended, and a guard over it. */
async function guardOf(startAgain: Sidecar["startAgain"]) {
  let events: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (events = controller) });
  const engine = {
    open: () => Promise.resolve(new Response(body)),
    json: () =>
      Promise.resolve({ Config: { Tty: false }, State: { Running: false, ExitCode: 1, OOMKilled: false } }),
    send: () => Promise.resolve(),
  } as unknown as Engine;
  let tell: ((event: GateEvent) => void) | undefined;
  const sidecar = {
    startAgain,
    send: () => Promise.reject(new Error("the stream is closed")),
    listen: (listener: (event: GateEvent) => void) => void (tell = listener),
  } as unknown as Sidecar;
  const names = { agent: "a", gate: "g", pipelock: "p" };
  const guard = await guardSidecar({
    openEvents: (signal) => openPartEvents(engine, "s", signal),
    parts: makeParts(engine, names),
    sidecar,
    isEnding: () => false,
  });
  const happen = (role: string, Action: string, attributes: object = {}) => {
    const event = { Action, Actor: { Attributes: { "claude-bottle.role": role, ...attributes } } };
    events?.enqueue(Buffer.from(`${JSON.stringify(event)}\n`));
  };
  return {
    guard,
    die: (role: string) => void happen(role, "die", { exitCode: "1" }),
    happen,
    tell: (event: GateEvent) => tell?.(event),
  };
}

test("a gate that is being started again is silent meanwhile, which is no second failure", async () => {
  const asked: string[] = [];
  const started = Promise.withResolvers<void>();
  const { guard, die } = await guardOf((part) => {
    asked.push(part);
    return started.promise;
  });
  die("gate");
  await settle();
  expect(asked).toEqual(["gate"]);
  for (let pings = 0; pings < 6; pings += 1) jest.advanceTimersByTime(15_000);
  started.resolve();
  await settle();
  expect(asked).toEqual(["gate"]);
  expect(guard.incidents()).toHaveLength(1);
  expect(guard.verdict()).toBeUndefined();
  guard.stop();
});

test("a filter that a change of the policy has stopped is left to it, until that is over", async () => {
  const start = performance.now();
  let elapsed = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => start + elapsed);
  onTestFinished(() => clock.mockRestore());
  const asked: string[] = [];
  const { guard, die, tell } = await guardOf(async (part) => void asked.push(part));
  const pass = async (milliseconds: number) => {
    for (let step = 0; step < milliseconds; step += 500) {
      elapsed += 500;
      tell({ event: "pong", time: "", id: "0" });
      jest.advanceTimersByTime(500);
      await settle();
    }
  };
  tell({ event: "begun", time: "", id: "1" });
  tell({ event: "begun", time: "", id: "2" });
  tell({ event: "ended", time: "", id: "2" });
  die("pipelock");
  await pass(10_000);
  expect(asked).toEqual([]);
  tell({ event: "ended", time: "", id: "1" });
  await pass(1_000);
  expect(asked).toEqual(["pipelock"]);
  // The gate misses it too
  tell({ event: "begun", time: "", id: "4" });
  tell({ event: "filter", time: "", state: "lost" });
  await pass(10_000);
  expect(asked).toEqual(["pipelock"]);
  tell({ event: "filter", time: "", state: "healthy" });
  tell({ event: "ended", time: "", id: "4" });
  await pass(10_000);
  expect(asked).toEqual(["pipelock"]);
  // One that never says that it is over has had its turn
  tell({ event: "begun", time: "", id: "3" });
  die("pipelock");
  await pass(39_000);
  expect(asked).toEqual(["pipelock"]);
  await pass(2_000);
  expect(asked).toEqual(["pipelock", "pipelock"]);
  guard.stop();
});

test("a gate that answers no ping is started again", async () => {
  const asked: string[] = [];
  const { guard } = await guardOf(async (part) => void asked.push(part));
  for (let pings = 0; pings < 3; pings += 1) jest.advanceTimersByTime(15_000);
  await settle();
  expect(asked).toEqual(["gate"]);
  expect(guard.incidents()[0]).toContain("gate did not answer and was restarted and verified");
  guard.stop();
});

test("the third failure within a minute ends the session", async () => {
  const { guard, die } = await guardOf(() => Promise.reject(new Error("no memory")));
  die("gate");
  await settle();
  expect(guard.verdict()).toContain("gate could not be started again, the 3rd failure of the sidecar");
});

test.each([
  ["at once", [0, 0, 0], [false, false, true]],
  ["within a minute to the millisecond", [0, 30_000, 60_000], [false, false, true]],
  ["a millisecond later", [0, 30_000, 60_001], [false, false, false]],
  ["and the one after that", [0, 30_000, 60_001, 60_001], [false, false, false, true]],
] as const)("of failures that are mended the third ends the session: %s", async (_, times, ends) => {
  const start = performance.now();
  let elapsed = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => start + elapsed);
  onTestFinished(() => clock.mockRestore());
  const asked: string[] = [];
  const { guard, die } = await guardOf(async (part) => void asked.push(part));
  const seen: boolean[] = [];
  for (const time of times) {
    elapsed = time;
    die("gate");
    await settle();
    seen.push(guard.verdict() !== undefined);
  }
  expect(seen).toEqual([...ends]);
  // What ends the session is not mended
  expect(asked).toHaveLength(ends.filter((one) => !one).length);
  guard.stop();
});

test("a gate that answers its pings is left alone", async () => {
  const asked: string[] = [];
  const { guard, tell } = await guardOf(async (part) => void asked.push(part));
  for (let pings = 0; pings < 6; pings += 1) {
    jest.advanceTimersByTime(15_000);
    tell({ event: "pong", time: "", id: "1" });
  }
  await settle();
  expect(asked).toEqual([]);
  guard.stop();
});

test("pipelock is started again where the gate goes on missing it, and not where it comes back in time", async () => {
  const asked: string[] = [];
  const { guard, tell } = await guardOf(async (part) => void asked.push(part));
  const filter = (state: "lost" | "verified") => tell({ event: "filter", time: "", state } as GateEvent);
  filter("lost");
  jest.advanceTimersByTime(1_999);
  filter("verified");
  jest.advanceTimersByTime(10_000);
  await settle();
  expect(asked).toEqual([]);
  filter("lost");
  jest.advanceTimersByTime(2_000);
  await settle();
  expect(asked).toEqual(["pipelock"]);
  guard.stop();
});

test("what becomes of other containers of the session is no failure of the sidecar", async () => {
  const asked: string[] = [];
  const { guard, die } = await guardOf(async (part) => void asked.push(part));
  for (const role of ["agent", "collector", "probe", ""]) die(role);
  await settle();
  jest.advanceTimersByTime(5_000);
  await settle();
  expect([asked, guard.incidents(), guard.isAgentOutOfMemory()]).toEqual([[], [], false]);
  guard.stop();
});

test("a part that ended for want of memory is told as that, once; and the want alone is no end", async () => {
  const asked: string[] = [];
  const { guard, die, happen } = await guardOf(async (part) => void asked.push(part));
  happen("gate", "oom");
  await settle();
  expect(asked).toEqual([]);
  die("gate");
  await settle();
  die("gate");
  await settle();
  const told = guard.incidents().map((line) => line.replace(/^\S+ /, ""));
  expect(told).toEqual([
    "gate ended (exit code 1), out of memory and was restarted and verified",
    "gate ended (exit code 1) and was restarted and verified",
  ]);
  expect(guard.isAgentOutOfMemory()).toBe(false);
  happen("gate", "die");
  guard.stop();
});

test("an end that the engine has no code for is told as that", async () => {
  const { guard, happen } = await guardOf(() => Promise.resolve());
  happen("gate", "die");
  await settle();
  expect(guard.incidents()[0]).toContain("gate ended (exit code unknown) and was");
  guard.stop();
});

test("an agent's want of memory is known, and starts nothing again", async () => {
  const asked: string[] = [];
  const { guard, happen } = await guardOf(async (part) => void asked.push(part));
  happen("agent", "die");
  await settle();
  expect(guard.isAgentOutOfMemory()).toBe(false);
  happen("agent", "oom");
  await settle();
  expect([guard.isAgentOutOfMemory(), asked]).toEqual([true, []]);
  guard.stop();
});

test("who begins to listen is told what was before, and then what comes", async () => {
  const { guard, die } = await guardOf(() => Promise.resolve());
  die("gate");
  await settle();
  const heard: string[] = [];
  guard.onIncident((line) => heard.push(line));
  expect(heard).toEqual([...guard.incidents()]);
  die("gate");
  await settle();
  expect(heard).toHaveLength(2);
  guard.stop();
});

test("nothing is started again once the guard has been stopped", async () => {
  const asked: string[] = [];
  const { guard, die, tell } = await guardOf(async (part) => void asked.push(part));
  tell({ event: "filter", time: "", state: "lost" } as GateEvent);
  die("gate");
  guard.stop();
  jest.advanceTimersByTime(60_000);
  await settle();
  expect(asked).toEqual([]);
});
