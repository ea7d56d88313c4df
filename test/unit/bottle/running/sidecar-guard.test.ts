import type { Sidecar } from "../../../../src/bottle/gate/sidecar.ts";
import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import { afterEach, beforeEach, expect, jest, onTestFinished, spyOn, test } from "bun:test";
import { guardSidecar } from "../../../../src/bottle/running/sidecar-guard.ts";
import type { Part } from "../../../../src/bottle/part.ts";
import type { PartEvent } from "../../../../src/bottle/platform.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Lets what is settled come to pass; nothing in it waits for a timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A sidecar whose containers have ended, and a guard over it. */
async function guardOf(startAgain: Sidecar["startAgain"]) {
  let events: ReadableStreamDefaultController<PartEvent> | undefined;
  const stream = new ReadableStream<PartEvent>({ start: (controller) => void (events = controller) });
  const part = {
    state: () => Promise.resolve({ isRunning: false, hasTerminal: false, isOutOfMemory: false }),
    remove: () => Promise.resolve(),
  } as Partial<Part> as Part;
  let tell: ((event: GateEvent) => void) | undefined;
  const sidecar = {
    startAgain,
    send: () => Promise.reject(new Error("the stream is closed")),
    listen: (listener: (event: GateEvent) => void) => void (tell = listener),
  } as unknown as Sidecar;
  const guard = await guardSidecar({
    openEvents: () => Promise.resolve(stream),
    parts: { agent: part, gate: part, pipelock: part },
    sidecar,
    isEnding: () => false,
  });
  return {
    guard,
    die: (role: "gate" | "pipelock") => events?.enqueue({ role, what: "ended", exitCode: "1" }),
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

test("a gate that answers no ping is started again", async () => {
  const asked: string[] = [];
  const { guard } = await guardOf(async (part) => void asked.push(part));
  for (let pings = 0; pings < 3; pings += 1) jest.advanceTimersByTime(15_000);
  await settle();
  expect(asked).toEqual(["gate"]);
  expect(guard.incidents()[0]).toContain("gate did not answer and was started again and verified");
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
