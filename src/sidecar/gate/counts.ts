/**
 * What the log says so far, in one event: how many pairs were refused, and what the agent still asks for. It comes again and again, so
 * that the last lines of a long log tell as much as all of it.
 */
import { createHash } from "node:crypto";
import { redactHost } from "../../core/redact.ts";
import type { GateEventBody } from "../../protocol/gate-events.ts";
import type { RefusalCode } from "../../protocol/gate.ts";
import { monotonic } from "./policy.ts";
import type { Schedule } from "./policy.ts";

export type CountsEvent = Extract<GateEventBody, { event: "counts" }>;

export interface Counts {
  /** Takes note of what is told. */
  note(event: GateEventBody): void;
  /** Tells them now. */
  tell(): void;
}

/** An agent makes up any number of hosts; beyond these they are not counted */
const maxPairs = 10_000;
/** Below a pattern that is allowed an agent may make up any number of hosts that reach the filter */
const maxBoth = 32;
/** Refused before the filter could see it */
const beforeFilter: ReadonlySet<string | undefined> = new Set<RefusalCode>([
  "not-allowed",
  "wrong-port",
  "plain-http",
  "malformed",
  "too-many",
]);
/** At once as long as there are no more than these a second; the rest with the next second */
const changesPerSecond = 10;
const secondMs = 1_000;
/** After so many events they are told again; whoever reads only the end of the log reads more lines than these */
const maxEventsBetween = 100;
const maxHostLength = 300;

/** `write` gives false for what was left out. `clock` is in milliseconds since 1970. */
export function makeCounts(
  write: (event: CountsEvent) => boolean,
  schedule: Schedule = monotonic,
  clock: () => number = Date.now,
): Counts {
  const pairs = new RefusedPairs();
  const asks = new Map<string, CountsEvent["asks"][number]>();
  let [events, left] = [0, changesPerSecond];
  let [isDue, isWaiting, isFrozen] = [false, false, false];

  const tell = () => {
    const state = { ...pairs.count(), asks: [...asks.values()], ...(isFrozen && { isFrozen }) };
    if (!write({ event: "counts", ...state })) return;
    events = 0;
    isDue = false;
  };
  const tellSoon = () => {
    isDue = true;
    if (!isWaiting) {
      isWaiting = true;
      schedule(secondMs, () => {
        isWaiting = false;
        left = changesPerSecond;
        if (isDue) tellSoon();
      });
    }
    if (left <= 0) return;
    left -= 1;
    tell();
  };
  return {
    note(event) {
      events += 1;
      if (event.event === "freeze") isFrozen = event.state === "frozen";
      if (event.event === "ask" || event.event === "policy") noteAsk(asks, event, clock);
      if (pairs.note(event)) tellSoon();
      else if (events >= maxEventsBetween) tell();
    },
    tell,
  };
}

/** Any change of a pair answers what was asked for it. */
function noteAsk(
  asks: Map<string, CountsEvent["asks"][number]>,
  event: Extract<GateEventBody, { event: "ask" | "policy" }>,
  clock: () => number,
): void {
  const { host, port } = event;
  const key = `${host}:${port}`;
  asks.delete(key);
  if (event.event !== "ask" || event.state !== "open") return;
  const { reason, protocol } = event;
  const time = new Date(clock()).toISOString();
  asks.set(key, { time, host, port, reason, ...(protocol && { protocol }) });
}

interface Pair {
  readonly host: string;
  readonly port?: number;
}

class RefusedPairs {
  /** Digests: names could be as long as an agent likes */
  readonly #refused = new Set<string>();
  readonly #passed = new Set<string>();
  readonly #both = new Map<string, Pair>();

  /** True if there is something new to tell. */
  note(event: GateEventBody): boolean {
    switch (event.event) {
      case "attempt": {
        const { host, port, verdict, code } = event;
        return this.#note({ host, port }, verdict === "refused", !beforeFilter.has(code));
      }
      case "finding":
        return event.verdict === "blocked" && this.#note({ host: event.host, port: 443 }, true, true);
      case "secret":
        return event.verdict !== "used" && this.#note({ host: event.host }, true, true);
      default:
        return false;
    }
  }

  count(): Pick<CountsEvent, "refused" | "both"> {
    const both = this.#both.size > maxBoth ? null : [...this.#both.values()];
    return { refused: this.#refused.size, both };
  }

  #note(pair: Pair, isRefused: boolean, isPassed: boolean): boolean {
    const shown = { ...pair, host: redactHost(pair.host.slice(0, maxHostLength)) };
    const key = digest(shown);
    const isNew = isRefused && add(this.#refused, key);
    if (isPassed) add(this.#passed, key);
    const isBoth = this.#refused.has(key) && this.#passed.has(key);
    if (!isBoth || this.#both.has(key) || this.#both.size > maxBoth) return isNew;
    this.#both.set(key, shown);
    return true;
  }
}

function add(set: Set<string>, key: string): boolean {
  if (set.has(key) || set.size >= maxPairs) return false;
  set.add(key);
  return true;
}

function digest({ host, port }: Pair): string {
  return createHash("sha256")
    .update(`${host}:${port ?? ""}`)
    .digest("base64url")
    .slice(0, 16);
}
