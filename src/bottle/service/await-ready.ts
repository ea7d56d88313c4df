/** Starts a service and waits until it can be used. */
import { BottleError, messageOf } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { inTime } from "../../core/time/within.ts";
import type { ServicePart } from "../platform/services.ts";
import { readLastLines } from "./last-lines.ts";

export interface ServiceStart {
  readonly name: string;
  readonly part: Pick<ServicePart, "openWait" | "start" | "run" | "readLogs">;
  /** Command that ends with 0 when it can be used */
  readonly ready: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly times?: ReadyTimes;
}

interface ReadyTimes {
  /** A database on a machine that swaps, under gVisor, for the first time */
  readonly patienceMs: number;
  /** Of one try */
  readonly tryMs: number;
  readonly pauseMs: number;
  /** Where nothing says when it is ready: what fails at its start fails soon */
  readonly settleMs: number;
}

const usualTimes: ReadyTimes = { patienceMs: 180_000, tryMs: 20_000, pauseMs: 150, settleMs: 400 };
/** Of a process killed by SIGKILL, which is also how a memory limit ends it */
const killedCode = 137;
/** What it says is nobody's business */
const maxOutputBytes = 64 * 1024;

/** Rejects with what it said last, if it ends or is not ready in time. */
export async function startReady(start: ServiceStart): Promise<void> {
  const { part, signal, times = usualTimes } = start;
  const { exit } = await part.openWait();
  // After the wait nobody hears its error, which must not count as unhandled
  exit.catch(() => undefined);
  signal.throwIfAborted();
  await part.start();
  const end = exit.then((code) => ({ code }));
  const until = performance.now() + times.patienceMs;
  for (;;) {
    const outcome = await Promise.race([end, tryOnce(start, times)]);
    if (outcome === "ready") return;
    signal.throwIfAborted();
    if (typeof outcome === "object") throw await hasEnded(start, outcome.code);
    if (performance.now() >= until) throw await notReady(start, times, outcome);
    const ended = await inTime(times.pauseMs, end);
    if (ended) throw await hasEnded(start, ended.code);
  }
}

/** `ready`, or why it is not. */
async function tryOnce({ part, ready, signal }: ServiceStart, times: ReadyTimes): Promise<string> {
  if (!ready) {
    await new Promise((resolve) => setTimeout(resolve, times.settleMs));
    return "ready";
  }
  try {
    const tried = AbortSignal.any([signal, AbortSignal.timeout(times.tryMs)]);
    const { exitCode } = await part.run({ command: ready, maxOutputBytes, signal: tried });
    return exitCode === 0 ? "ready" : `its command "ready" ended with ${exitCode}`;
  } catch (error) {
    return messageOf(error);
  }
}

async function hasEnded({ name, part }: ServiceStart, code: number): Promise<BottleError> {
  return new BottleError({
    code: "session",
    message: `Cannot start service ${quote(name)}: it ended with exit code ${code}`,
    details: await readLastLines(part),
    hint: `${code === killedCode ? "It may have been ended by its memory limit: raise limits.memory. " : ""}See what it said last, and change its env, command, data or limits in the manifest.`,
  });
}

async function notReady(
  { name, part }: ServiceStart,
  times: ReadyTimes,
  problem: string,
): Promise<BottleError> {
  return new BottleError({
    code: "session",
    message: `Cannot start service ${quote(name)}: it runs, but is not ready after ${times.patienceMs / 1000} s (${problem})`,
    details: await readLastLines(part),
    hint: `See what it said last, and whether its command "ready" is right.`,
  });
}
