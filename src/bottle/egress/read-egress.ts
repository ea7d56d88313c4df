/** The log of both sidecar programs as one sequence in order of time, and after that what comes new. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { parseGateEvent } from "../../protocol/gate-events.ts";
import type { Part } from "../platform/part.ts";
import { readGateRecord, readPipelockRecord } from "./egress-records.ts";
import { readTimedLines } from "./timed-lines.ts";
import type { TimedLine } from "./timed-lines.ts";

export interface Sidecar {
  readonly gate: Part;
  /** Undefined for a bottle without it */
  readonly pipelock: Part | undefined;
}

type ReadRecord = (time: string, event: TimedLine["event"]) => EgressRecord | undefined;

interface Source {
  readonly part: Part;
  readonly read: ReadRecord;
}

const looks = 40;
const lookPauseMs = 250;

/** Yields what is in the logs, oldest first; with `isFollowing` goes on until both end or the signal comes. */
export async function* readEgress(
  found: Sidecar,
  isFollowing: boolean,
  signal: AbortSignal,
): AsyncGenerator<EgressRecord> {
  const sources: Source[] = [{ part: found.gate, read: readGateLine }];
  if (found.pipelock !== undefined) sources.push({ part: found.pipelock, read: readPipelockRecord });
  const now = await Promise.all(sources.map((source) => collect(readSource(source, false, signal))));
  const past = now.flat().toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  yield* past;
  if (!isFollowing) return;
  const last = now.map((records) => records.at(-1)?.time ?? "");
  const lives = sources.map((source, index) => follow(source, last[index] ?? "", signal));
  yield* merge(lives);
}

/** What the filter alone has written so far. */
export function readFilterLog(part: Part, signal: AbortSignal): Promise<EgressRecord[]> {
  return collect(readSource({ part, read: readPipelockRecord }, false, signal));
}

const readGateLine: ReadRecord = (time, fields) => {
  const event = parseGateEvent(fields);
  return event && readGateRecord(time, event);
};

async function* readSource(
  { part, read }: Source,
  isFollowing: boolean,
  signal: AbortSignal,
): AsyncGenerator<EgressRecord> {
  const log = part.readLogs({ isFollowing, hasTimes: true, signal });
  try {
    for await (const line of readTimedLines(log)) {
      const record = read(line.time, line.event);
      if (record) yield record;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * What came after `time`. The follow begins at the start again, so that nothing between two readings is missed; and it begins again
 * when a program that ended is there again, since the engine ends the stream with the program.
 */
async function* follow(source: Source, time: string, signal: AbortSignal): AsyncGenerator<EgressRecord> {
  let last = time;
  do {
    for await (const record of readSource(source, true, signal)) {
      if (record.time <= last) continue;
      last = record.time;
      yield record;
    }
  } while (await comesBack(source.part, signal));
}

/** True if the container runs again soon; the launcher takes some seconds to notice and to verify it. */
async function comesBack(part: Part, signal: AbortSignal): Promise<boolean> {
  for (let look = 0; look < looks && !signal.aborted; look += 1) {
    // Before the first look too: a log that ends at once while its program runs must not be asked for without a pause
    await new Promise((resolve) => setTimeout(resolve, lookPauseMs));
    try {
      if ((await part.state()).isRunning) return true;
    } catch {
      return false;
    }
  }
  return false;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whichever speaks first comes first. */
async function* merge<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ask = (source: AsyncGenerator<T>) => source.next().then((result) => ({ source, result }));
  const waiting = new Map(sources.map((source) => [source, ask(source)]));
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done) waiting.delete(source);
      else {
        waiting.set(source, ask(source));
        yield result.value;
      }
    }
  } finally {
    // Their readers end with the signal; nobody waits for them here
    for (const source of waiting.keys()) void source.return(undefined);
  }
}
