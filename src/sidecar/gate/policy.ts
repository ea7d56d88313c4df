/** Who may be reached right now: the grants that the bottle started with, and what the user allowed and denied since. */
import type { GateDestination } from "../../protocol/gate-destination.ts";
import { matchesHostPattern } from "../../core/host-name.ts";
import type { ConnectRequest } from "./connect-request.ts";
import { joinRules } from "../../core/http-rules/host-rules.ts";
import { findDestination, findNarrowest } from "./destinations.ts";
import { GateFailure } from "./failure.ts";
import { Refusal } from "./refusal.ts";

/** Each attempt walks the list; nobody types this many changes in one session */
const maxLiveRules = 256;

/** Calls back once after so many milliseconds of a clock that nobody can set; gives a way to call it off. */
export type Schedule = (milliseconds: number, act: () => void) => () => void;

interface LiveRule {
  readonly kind: "allow" | "deny";
  readonly host: string;
  readonly port: number;
  /** Set for `allow` */
  readonly destination: GateDestination | undefined;
  readonly cancelExpiry: () => void;
}

interface OpenConnection {
  readonly request: ConnectRequest;
  readonly cut: () => void;
}

/** Timers of Node run on the monotonic clock: setting the machine's time neither ends a grant early nor prolongs it. */
export const monotonic: Schedule = (milliseconds, act) => {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
};

/** The newest change that names a pair decides; where none does, the grants of the start do. */
export class Policy {
  readonly #granted: readonly GateDestination[];
  readonly #schedule: Schedule;
  /** Newest first */
  #rules: readonly LiveRule[] = [];
  readonly #open = new Set<OpenConnection>();
  readonly #listeners: (() => void)[] = [];

  constructor(granted: readonly GateDestination[], schedule: Schedule = monotonic) {
    this.#granted = granted;
    this.#schedule = schedule;
  }

  /** Is called after each change */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** What the user would have to decide on is `open`; `blocked` is what the user has denied. */
  judge(request: ConnectRequest): "allowed" | "blocked" | "open" {
    if (this.#isGranted(request)) return "allowed";
    return this.#rules.some((one) => names(one, request)) ? "blocked" : "open";
  }

  /** The destination that grants this pair. Throws a `Refusal` if there is none. */
  find(request: ConnectRequest): GateDestination {
    const rule = this.#rules.find((one) => names(one, request));
    if (rule?.destination) return keepInspection(rule.destination, this.#granted, request);
    if (rule) throw new Refusal("not-allowed", "the user has blocked the host for this session");
    return findDestination([...this.#allowed(), ...this.#granted], request);
  }

  /** Grants a pair from now on, and gives it as it is in force. `onExpiry` is called when a timed grant ends by itself, not when another change replaces it. */
  allow(
    destination: GateDestination,
    forMs?: number,
    onExpiry: () => void = () => undefined,
  ): GateDestination {
    const { host, port } = destination;
    const joined = this.#joinRules(destination);
    const cancelExpiry =
      forMs === undefined
        ? () => undefined
        : this.#schedule(forMs, () => {
            this.#rules = this.#rules.filter((one) => one !== rule);
            this.#cutRefused();
            onExpiry();
          });
    const rule: LiveRule = { kind: "allow", host, port, destination: joined, cancelExpiry };
    this.#put(rule);
    return joined;
  }

  /** Rules add up; what allows a host whole goes before them, as in a manifest. */
  #joinRules(destination: GateDestination): GateDestination {
    const { host, port, rules } = destination;
    if (!rules) return destination;
    const live = this.#rules.find((one) => one.host === host && one.port === port);
    if (live?.kind === "deny") return destination;
    const granted = this.#granted.filter(
      (one) => one.port === port && matchesHostPattern(host.replace(/^\*\./, ""), one.host),
    );
    const before = live?.destination ?? granted.find((one) => one.host === host) ?? findNarrowest(granted);
    if (!before) return destination;
    const isPrivate = destination.isPrivate || before.isPrivate;
    const { rules: had, ...whole } = before;
    return { ...whole, host, isPrivate, ...(had && { rules: joinRules(had, rules) }) };
  }

  /** Refuses a pair from now on and cuts what is open to it; a pattern takes all names below it. */
  deny(host: string, port: number): void {
    this.#put({ kind: "deny", host, port, destination: undefined, cancelExpiry: () => undefined });
    this.#cutRefused();
  }

  /** Takes the change to the very same pair back, and cuts what is not granted without it. */
  forget(host: string, port: number): void {
    const isSame = (one: LiveRule) => one.host === host && one.port === port;
    for (const one of this.#rules.filter(isSame)) one.cancelExpiry();
    this.#rules = this.#rules.filter((one) => !isSame(one));
    this.#cutRefused();
    for (const listener of this.#listeners) listener();
  }

  /** What is granted at this moment. A name denied below a pattern that stays granted is not in it and refused all the same. */
  list(): GateDestination[] {
    const found = new Map<string, GateDestination>();
    for (const one of [...this.#allowed(), ...this.#granted]) {
      const key = `${one.host}:${one.port}`;
      const decision = this.#rules.find((rule) => names(rule, one));
      if (decision?.kind !== "deny" && !found.has(key)) found.set(key, one);
    }
    return [...found.values()];
  }

  /** Has `cut` called when the pair is no longer granted; the result ends that. */
  watch(request: ConnectRequest, cut: () => void): () => void {
    const connection = { request, cut };
    this.#open.add(connection);
    return () => void this.#open.delete(connection);
  }

  /** A change to a pair replaces the earlier one to the very same pair. */
  #put(rule: LiveRule): void {
    const isSame = (one: LiveRule) => one.host === rule.host && one.port === rule.port;
    const kept = this.#rules.filter((one) => !isSame(one));
    if (kept.length >= maxLiveRules) {
      rule.cancelExpiry();
      throw new GateFailure(`${maxLiveRules} hosts have been allowed or blocked in this session`);
    }
    for (const one of this.#rules.filter(isSame)) one.cancelExpiry();
    this.#rules = [rule, ...kept];
    for (const listener of this.#listeners) listener();
  }

  #allowed(): GateDestination[] {
    return this.#rules.flatMap((rule) => (rule.destination ? [rule.destination] : []));
  }

  #cutRefused(): void {
    for (const connection of this.#open) {
      if (!this.#isGranted(connection.request)) connection.cut();
    }
  }

  #isGranted(request: ConnectRequest): boolean {
    try {
      this.find(request);
      return true;
    } catch {
      return false;
    }
  }
}

/** A host that was inspected from the start stays so, whatever else about it is changed. */
function keepInspection(
  allowed: GateDestination,
  granted: readonly GateDestination[],
  { host, port }: ConnectRequest,
): GateDestination {
  const named = granted.filter(
    (one) => one.inspect && one.port === port && matchesHostPattern(host, one.host),
  );
  const inspect = (named.find((one) => one.host === host) ?? named[0])?.inspect;
  return inspect ? { ...allowed, inspect } : allowed;
}

function names(rule: LiveRule, pair: ConnectRequest): boolean {
  return rule.port === pair.port && matchesHostPattern(pair.host, rule.host);
}
