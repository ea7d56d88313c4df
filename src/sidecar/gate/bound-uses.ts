/**
 * Counts what became of each secret and reports it: so many uses at a host, so many tries elsewhere. Each event holds the whole count
 * since its first time, so that one that is lost, or washed out of the log, is made up for by the next.
 */
import type { GateSecretEvent } from "../../protocol/gate-events.ts";
import type { Emit } from "./events.ts";

export interface SecretUses {
  /** The real value was put into a request to this host */
  used(name: string, host: string): void;
  /** The placeholder was seen where nothing is put in */
  blocked(name: string, host: string, where: NonNullable<GateSecretEvent["where"]>): void;
  /** The real value came back from this host and was taken out */
  returned(name: string, host: string): void;
  /** Reports at once what still waits for the next second: there will be none */
  settle(): void;
}

/** An agent makes up any number of hosts; beyond these they are counted together */
const maxKeys = 256;
const otherHosts = "other hosts";
/** Reported at once as long as there are no more than these a second; the rest with the next second */
const eventsPerSecond = 40;

/** `clock` is in milliseconds since 1970; `later` calls back in a second. */
export function makeSecretUses(
  emit: Emit,
  clock: () => number = Date.now,
  later: (act: () => void) => void = (act) => void setTimeout(act, 1_000).unref(),
): SecretUses {
  const counts = new Map<string, GateSecretEvent>();
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
    emit({ event: "secret", ...count });
  };
  const note = (name: string, askedHost: string, what: Pick<GateSecretEvent, "verdict" | "where">) => {
    const makeKey = (host: string) => JSON.stringify([name, host, what.verdict, what.where]);
    const host = counts.has(makeKey(askedHost)) || counts.size < maxKeys ? askedHost : otherHosts;
    const key = makeKey(host);
    const before = counts.get(key);
    const first = before?.first ?? new Date(clock()).toISOString();
    counts.set(key, { name, host, ...what, count: (before?.count ?? 0) + 1, first });
    report(key);
  };
  return {
    used: (name, host) => note(name, host, { verdict: "used" }),
    returned: (name, host) => note(name, host, { verdict: "returned" }),
    blocked: (name, host, where) => note(name, host, { verdict: "blocked", where }),
    settle() {
      left = maxKeys;
      for (const key of waiting) report(key);
    },
  };
}
