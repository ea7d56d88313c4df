/**
 * Watches for the credentials that were made up for this session. One that is about to leave in anything that can be read here freezes the
 * bottle, and what holds it goes nowhere. What Claude's API is sent is only counted: an agent may speak of what it has read.
 */
import { asSecrets, canaryPrefix as prefix } from "./canary-secrets.ts";
import { makeCountedEvents } from "./counted-events.ts";
import type { Emit } from "./events.ts";
import type { Freezer } from "./freezer.ts";
import { Looker, noRules } from "./inspect/looker.ts";
import { Coverage } from "./inspect/own-secrets.ts";
import { StreamLook } from "./inspect/stream-look.ts";
import type { HostLook } from "./looked-request.ts";
import type { GateTrapEvent } from "../../protocol/gate-events.ts";
import type { GateCanary } from "../../protocol/gate.ts";
import type { Located } from "./request-look.ts";
import { Trapped } from "./trapped.ts";
import type { Passing } from "./trapped.ts";

const longestWhere = 120;

export class Traps {
  readonly #canaries: readonly GateCanary[];
  readonly #looker: Looker;
  readonly #emit: Emit;
  readonly #freezer: Freezer;
  readonly #coverages = new Map<string, Coverage>();
  readonly #told;

  constructor(canaries: readonly GateCanary[], freezer: Freezer, emit: Emit) {
    this.#canaries = canaries;
    this.#looker = new Looker(asSecrets(canaries), noRules);
    this.#freezer = freezer;
    this.#emit = emit;
    this.#told = makeCountedEvents<Omit<GateTrapEvent, "count" | "first">>((one) =>
      emit({ event: "trap", ...one }),
    );
  }

  /** Gives what is none of them. Throws a `Trapped` if one of them is; the bottle is frozen then. */
  judge(found: readonly Located[], passing: Passing): Located[] {
    const sprung = found.find((one) => one.rule.startsWith(prefix));
    if (!sprung) return [...found];
    const { host, from, by } = passing;
    this.#emit({
      event: "trap",
      ...this.#describe(sprung),
      host: this.#holdsOne(host) ? `*.${host.split(".").slice(-2).join(".")}` : host,
      ...(by !== undefined && { by }),
      ...(from !== undefined && { from }),
      verdict: "frozen",
      count: 1,
      first: new Date().toISOString(),
    });
    this.#freezer.freeze({ id: "", by: "trap", spare: from });
    throw new Trapped();
  }

  /** In what asks for a connection. Names of hosts have no case, few signs, and short labels: a canary is known without all of these. */
  lookAtHead(head: string, passing: Passing): void {
    const found = this.#looker.look(Buffer.from(head, "latin1"), new Coverage());
    const bare = foldName(head);
    const named = this.#canaries.find(({ value }) => bare.includes(foldName(value)));
    const rules = [...found.map((one) => one.rule), ...(named ? [`${prefix}${named.kind}`] : [])];
    this.judge(rules.map(asLocated), passing);
  }

  /** For a host that nobody else looks at, and whose requests can be read here. */
  lookAt(host: string, from: number | undefined): HostLook {
    const before = this.#coverages.get(host) ?? new Coverage();
    this.#coverages.set(host, before);
    return {
      host,
      looker: this.#looker,
      beginCoverage: () => new Coverage(before),
      judge: (found) => void this.judge(found, { host, from }),
    };
  }

  /** Takes a body on its way to Claude's API piece by piece, and counts. */
  countIn(host: string): { readonly push: (bytes: Buffer) => void; readonly end: () => void } {
    const look = new StreamLook(this.#looker, new Coverage());
    const seen = new Set<string>();
    const count = (found: readonly { readonly rule: string }[]) => {
      for (const { rule } of found) {
        if (seen.has(rule)) continue;
        seen.add(rule);
        const told = { ...this.#describe({ rule, where: "body" }), host, verdict: "told" } as const;
        this.#told.note(told, told);
      }
    };
    return { push: (bytes) => count(look.push(bytes)), end: () => count(look.settle()) };
  }

  /** Reports at once what still waits for the next second: there will be none */
  settle(): void {
    this.#told.settle();
  }

  /** True where the name of a place is the canary itself, which no log is to hold. */
  #holdsOne(name: string): boolean {
    const bare = foldName(name);
    return this.#canaries.some(({ value }) => bare.includes(foldName(value)));
  }

  #describe({ rule, where }: Pick<Located, "rule" | "where">) {
    const canary = rule.slice(prefix.length);
    const place = this.#canaries.find((one) => one.kind === canary)?.place ?? "";
    const kind = where.split(" ")[0] ?? "";
    return { canary, place, where: this.#holdsOne(where) ? kind : where.slice(0, longestWhere) };
  }
}

function asLocated(rule: string): Located {
  return { rule, text: "", isTold: false, home: [], where: "what asks for the connection" };
}

function foldName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "");
}
