/**
 * Where the time of one command went: what it asked the engine for, and which programs it started. Nothing is noted before somebody wants to
 * see it. What is noted holds no name of a host, a file, a bottle or a secret, so that people can paste it into a report.
 */

export type TimingKind = "engine" | "git" | "program";

export interface Timing {
  readonly kind: TimingKind;
  /** `POST /containers/…/start`, `rev-parse` */
  readonly what: string;
  /** Milliseconds since the command's start */
  readonly from: number;
  /** As `from`; undefined if it had not ended by the command's end */
  to: number | undefined;
}

let noted: Timing[] | undefined;
let startedAt = 0;

/** From now on. `since`: milliseconds by `performance.now()` at which the command began. */
export function noteTimings(since: number): void {
  noted ??= [];
  startedAt = since;
}

/** What was noted so far, in the order in which it began; undefined if nothing is. */
export function readTimings(): readonly Timing[] | undefined {
  return noted;
}

/** Notes the beginning, and gives what notes the end. */
export function beginTiming(kind: TimingKind, what: string): () => void {
  if (!noted) return nothing;
  const timing: Timing = { kind, what, from: performance.now() - startedAt, to: undefined };
  noted.push(timing);
  return () => {
    timing.to ??= performance.now() - startedAt;
  };
}

export async function timed<T>(kind: TimingKind, what: string, work: () => Promise<T>): Promise<T> {
  const end = beginTiming(kind, what);
  try {
    return await work();
  } finally {
    end();
  }
}

function nothing(): undefined {
  return undefined;
}
