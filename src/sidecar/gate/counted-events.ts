/**
 * Counts what comes again and again and reports it: each event holds the whole count since its first time, so that one that is lost, or
 * washed out of the log, is made up for by the next.
 */

/** What is counted: so often since then. */
export interface Counted {
  readonly count: number;
  /** ISO 8601 */
  readonly first: string;
}

export interface CountedEvents<T> {
  /** Once more. `other` is counted in place of one that is new when there are too many kinds */
  note(what: T, other: T): void;
  /** Reports at once what still waits for the next second: there will be none */
  settle(): void;
}

/** An agent makes up any number of hosts; beyond these they are counted together */
const maxKeys = 256;
/** Reported at once as long as there are no more than these a second; the rest with the next second */
const eventsPerSecond = 40;

/** `clock` is in milliseconds since 1970; `later` calls back in a second. */
export function makeCountedEvents<T>(
  emit: (what: T & Counted) => void,
  clock: () => number = Date.now,
  later: (act: () => void) => void = (act) => void setTimeout(act, 1_000).unref(),
): CountedEvents<T> {
  const counts = new Map<string, T & Counted>();
  const waiting = new Set<string>();
  let left = eventsPerSecond;
  let isCounting = false;
  const beginSecond = () => {
    if (isCounting) return;
    isCounting = true;
    later(() => {
      isCounting = false;
      left = eventsPerSecond;
      const keys = [...waiting].slice(0, eventsPerSecond);
      for (const key of keys) report(key);
      if (waiting.size > 0) beginSecond();
    });
  };
  const report = (key: string) => {
    beginSecond();
    const count = counts.get(key);
    if (!count) return;
    if (left <= 0) return void waiting.add(key);
    left -= 1;
    waiting.delete(key);
    emit(count);
  };
  return {
    note(asked, other) {
      const isKnown = counts.has(JSON.stringify(asked)) || counts.size < maxKeys;
      const what = isKnown ? asked : other;
      const key = JSON.stringify(what);
      const before = counts.get(key);
      const first = before?.first ?? new Date(clock()).toISOString();
      counts.set(key, { ...what, count: (before?.count ?? 0) + 1, first });
      report(key);
    },
    settle() {
      left = maxKeys;
      for (const key of waiting) report(key);
    },
  };
}
