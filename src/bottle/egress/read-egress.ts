/** The log of both sidecar programs as one sequence in order of time, and after that what comes new. */
import type { Frame } from "../../core/byte-stream.ts";
import { makeLineSplitter, parseObjectLine } from "../../core/lines.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { parseGateEvent } from "../../protocol/gate-events.ts";
import type { Part } from "../platform/part.ts";
import { readGateRecord, readPipelockRecord } from "./egress-records.ts";

export interface Sidecar {
  readonly gate: Part;
  /** Undefined for a bottle without it */
  readonly pipelock: Part | undefined;
}

type ReadRecord = (time: string, event: Fields) => EgressRecord | undefined;

type Fields = Readonly<Record<string, unknown>>;

interface Source {
  readonly part: Part;
  readonly read: ReadRecord;
}

const looks = 40;
const lookPauseMs = 250;
/** A line longer than this is cut; an event of ours is some hundred bytes */
const maxLineLength = 64 * 1024;

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

interface TimedLine {
  readonly time: string;
  readonly event: Fields;
}

/** Lines of stdout as the engine stamps them (`2026-01-01T00:00:00.000000000Z {…}`); what is no event is left out. */
async function* readTimedLines(frames: AsyncIterable<Frame>): AsyncGenerator<TimedLine> {
  const lines = makeLineSplitter(maxLineLength);
  for await (const { stream, data } of frames) {
    if (stream !== "stdout") continue;
    for (const line of lines.push(data)) {
      const at = line.indexOf(" ");
      const event = parseObjectLine(line.slice(at + 1));
      if (at > 0 && event) yield { time: line.slice(0, at), event };
    }
  }
}

/**
 * What came after `time`. The follow begins at the start again, so that nothing between two readings is missed; and it begins anew
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
