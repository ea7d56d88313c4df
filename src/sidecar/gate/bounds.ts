/**
 * How much each host has been sent in this session, and how much it may be. Bytes are counted as they come from the agent, so that it needs
 * no look inside: TLS and its heads are among them. Requests are counted where they can be seen, and connections elsewhere.
 */
import type { Socket } from "node:net";
import { matchesHostPattern } from "../../core/host-name.ts";
import { renderBytes } from "../../core/text.ts";
import type { GateBoundEvent } from "../../protocol/gate-events.ts";
import type { GateBound } from "../../protocol/gate.ts";
import type { Emit } from "./events.ts";
import { Refusal } from "./refusal.ts";

type Kind = GateBoundEvent["what"];

/** Told once for each host that has no bound of its own */
const warnAt: Readonly<Record<Kind, number>> = { upload: 50 * 1024 * 1024, requests: 5_000 };
/** Below a pattern an agent may make up any number; those beyond are counted together */
const maxHosts = 512;
const otherHosts = "other hosts";

/** Counts for one host. */
export interface Meter {
  /** Throws a `Refusal` if no further request may go, or none with a body of so many bytes. */
  request(bodyBytes?: number): void;
  /** True if the bytes may go on. */
  upload(bytes: number): boolean;
}

interface Counter {
  readonly host: string;
  readonly used: Record<Kind, number>;
  readonly limits: Partial<Record<Kind, number>>;
  readonly told: Set<string>;
}

export class Bounds {
  readonly #emit: Emit;
  /** Those with a bound first, the newest of them before the others */
  #bounded: readonly Counter[];
  readonly #others = new Map<string, Counter>();

  constructor(bounds: readonly GateBound[], emit: Emit) {
    this.#emit = emit;
    this.#bounded = bounds.map(({ host, ...limits }) => makeCounter(host, readLimits(limits)));
  }

  /** What counts for this host: its own bound, or that of the longest pattern that names it. */
  find(host: string): Meter {
    const counter = this.#find(host);
    return {
      request: (bodyBytes = 0) => {
        if (this.#isOver(counter, "requests", 1)) throw this.#refuse(counter, host, "requests");
        // What was cut off once is not tried again piece by piece
        if (counter.told.has("upload reached") || this.#isOver(counter, "upload", bodyBytes))
          throw this.#refuse(counter, host, "upload");
        this.#add(counter, "requests", 1);
      },
      upload: (bytes) => {
        if (this.#isOver(counter, "upload", bytes)) {
          this.#tellReached(counter, "upload");
          return false;
        }
        this.#add(counter, "upload", bytes);
        return true;
      },
    };
  }

  /** Changes what a host may be sent from now on; what it has been sent counts. One without a bound gets one of its own. */
  change(id: string, { host, ...limits }: GateBound): void {
    let counter = this.#bounded.find((one) => one.host === host);
    if (!counter) {
      counter = this.#others.get(host) ?? makeCounter(host, {});
      this.#others.delete(host);
      this.#bounded = [counter, ...this.#bounded];
    }
    for (const [what, limit] of Object.entries(readLimits(limits)) as [Kind, number][]) {
      counter.limits[what] = limit;
      counter.told.clear();
      this.#tell(counter, what, { id, state: "changed" });
    }
  }

  #find(host: string): Counter {
    const named = this.#bounded
      .filter((one) => matchesHostPattern(host, one.host))
      .toSorted((a, b) => b.host.length - a.host.length);
    const bounded = named.find((one) => one.host === host) ?? named[0];
    if (bounded) return bounded;
    const key = this.#others.size < maxHosts || this.#others.has(host) ? host : otherHosts;
    const counter = this.#others.get(key) ?? makeCounter(key, {});
    this.#others.set(key, counter);
    return counter;
  }

  #isOver(counter: Counter, what: Kind, more: number): boolean {
    const limit = counter.limits[what];
    return limit !== undefined && more > 0 && counter.used[what] + more > limit;
  }

  #add(counter: Counter, what: Kind, more: number): void {
    counter.used[what] += more;
    const isMuch = counter.limits[what] === undefined && counter.used[what] > warnAt[what];
    if (!isMuch || counter.told.has(`${what} warned`)) return;
    counter.told.add(`${what} warned`);
    this.#tell(counter, what, { id: "", state: "warned" });
  }

  #refuse(counter: Counter, host: string, what: Kind): Refusal {
    this.#tellReached(counter, what);
    const limit = counter.limits[what] ?? 0;
    const amount = what === "upload" ? renderBytes(limit) : `${limit} requests`;
    return new Refusal("bound", `${host} has been sent all that this session may send it (${amount})`);
  }

  /** Once until it is changed: an agent may try as often as it likes. */
  #tellReached(counter: Counter, what: Kind): void {
    if (counter.told.has(`${what} reached`)) return;
    counter.told.add(`${what} reached`);
    this.#tell(counter, what, { id: "", state: "reached" });
  }

  #tell(counter: Counter, what: Kind, { id, state }: Pick<GateBoundEvent, "id" | "state">): void {
    const limit = counter.limits[what] ?? warnAt[what];
    this.#emit({ event: "bound", id, host: counter.host, what, state, used: counter.used[what], limit });
  }
}

const lookMs = 50;

/** For a connection whose bytes pass nobody here: looks again and again at how many there were, and cuts it when it is enough. */
export async function followMeter<T>(
  agent: Socket,
  meter: Meter | undefined,
  run: () => Promise<T>,
): Promise<T> {
  if (!meter) return run();
  let counted = agent.bytesRead;
  const look = () => {
    const more = agent.bytesRead - counted;
    counted += more;
    if (more > 0 && !meter.upload(more)) agent.destroy();
  };
  const timer = setInterval(look, lookMs);
  try {
    return await run();
  } finally {
    clearInterval(timer);
    look();
  }
}

function makeCounter(host: string, limits: Partial<Record<Kind, number>>): Counter {
  return { host, used: { upload: 0, requests: 0 }, limits: { ...limits }, told: new Set() };
}

function readLimits({ uploadBytes, requests }: Omit<GateBound, "host">): Partial<Record<Kind, number>> {
  return {
    ...(uploadBytes !== undefined && { upload: uploadBytes }),
    ...(requests !== undefined && { requests }),
  };
}
