/** What a gate has told so far and a gate that takes its place must know: live changes, and the refusals for the end of the session. */
import { makeLedger } from "../../core/secret-ledger.ts";
import type { SecretNote, SecretUse } from "../../core/secret-ledger.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { GateLiveMessage } from "../../protocol/gate.ts";
import type { RefusedHost } from "../bottle.ts";
import { adviseOnFinding, describeFinding } from "../describe-finding.ts";

type PolicyEvent = Extract<GateEvent, { event: "policy" }>;
type Attempt = Extract<GateEvent, { event: "attempt" }>;

type SecretEvent = Extract<GateEvent, { event: "secret" }>;

/** Several gates' worth of what one gate counts */
const maxSecretNotes = 2_000;
/** An agent can ask for any number of hosts; the summary keeps this many */
const maxRefusedHosts = 200;
/** Below a pattern an agent may make up any number */
const maxReachedPairs = 1_000;

export class GateMemory {
  readonly #refused = new Map<string, { host: string; port: number; reason: string; count: number }>();
  /** Oldest first, one for each pair, with when they were told */
  readonly #changes = new Map<string, { readonly event: PolicyEvent; readonly notedAt: number }>();
  readonly #clock: () => number;

  readonly #reached = new Set<string>();
  /** Newest for each of what is counted */
  readonly #secrets = new Map<string, SecretNote>();
  #isTokenRefused = false;
  /** Newest for each host and what is counted of it */
  readonly #bounds = new Map<string, Extract<GateEvent, { event: "bound" }>>();
  /** Set while the bottle is frozen */
  #frozenBy: string | undefined;

  /** `clock` in milliseconds: one that nobody can set, or setting the machine's time would prolong a grant */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Takes note of an event. */
  note(event: GateEvent): void {
    if (event.event === "secret") this.#noteSecret(event);
    if (event.event === "finding" && event.verdict === "blocked") this.#noteFinding(event);
    if (event.event === "api") this.#noteAnswer(event.status);
    if (event.event === "attempt" && event.verdict === "refused") this.#countRefusal(event);
    if (event.event === "attempt" && event.verdict === "allowed" && this.#reached.size < maxReachedPairs)
      this.#reached.add(`${event.host}:${event.port}`);
    if (event.event === "bound" && event.state !== "warned")
      this.#bounds.set(`${event.host} ${event.what}`, event);
    if (event.event === "freeze") this.#frozenBy = event.state === "frozen" ? event.id || "trap" : undefined;
    if (event.event !== "policy") return;
    const key = `${event.host}:${event.port}`;
    // The newest change decides, so it goes to the end
    this.#changes.delete(key);
    if (event.by === "user") this.#changes.set(key, { event, notedAt: this.#clock() });
  }

  /** Refused destinations so far, most often refused first */
  refused(): readonly RefusedHost[] {
    return [...this.#refused.values()].toSorted((a, b) => b.count - a.count);
  }

  /** `host:port` pairs that were let through so far */
  reached(): readonly string[] {
    return [...this.#reached];
  }

  /** What became of each secret so far */
  secrets(): readonly SecretUse[] {
    return makeLedger(this.#secrets.values());
  }

  /** True if the API does not take the credential: it refused it last, or all the time */
  isTokenRefused(): boolean {
    return this.#isTokenRefused;
  }

  /** The changes that still hold, as messages for another gate. */
  replay(): readonly GateLiveMessage[] {
    const now = this.#clock();
    const changes = [...this.#changes.values()].flatMap(({ event, notedAt }) =>
      toMessage(event, now - notedAt),
    );
    changes.push(...[...this.#bounds.values()].map(toBound));
    // First: before anything is let through
    return this.#frozenBy === undefined ? changes : [{ type: "freeze", id: this.#frozenBy }, ...changes];
  }

  #noteSecret({ time, name, host, verdict, where, count, first }: SecretEvent): void {
    const key = JSON.stringify([name, host, verdict, where, first]);
    if (this.#secrets.size >= maxSecretNotes && !this.#secrets.has(key)) return;
    this.#secrets.set(key, { time, name, host, verdict, where, count, first });
  }

  /** Counted by the gate; a restarted gate begins at zero. */
  #noteFinding(event: Extract<GateEvent, { event: "finding" }>): void {
    const key = JSON.stringify([event.host, event.rule, event.where, event.fingerprint, event.first]);
    const reason = `${describeFinding(event)}; ${adviseOnFinding(event)}`;
    if (this.#refused.size < maxRefusedHosts || this.#refused.has(key))
      this.#refused.set(key, { host: String(event.host), port: 443, reason, count: event.count });
  }

  #noteAnswer(status: number): void {
    if (status === 401) this.#isTokenRefused = true;
    else if (status < 400) this.#isTokenRefused = false;
  }

  #countRefusal(event: Attempt): void {
    const key = `${event.host}:${event.port}`;
    const known = this.#refused.get(key);
    if (known) known.count += 1;
    else if (this.#refused.size < maxRefusedHosts) {
      this.#refused.set(key, {
        host: String(event.host),
        port: Number(event.port),
        reason: event.reason ?? event.code ?? "",
        count: 1,
      });
    }
  }
}

/** A gate begins to count anew: what was reached stays so until it is raised. */
function toBound({ id, host, what, state, limit }: Extract<GateEvent, { event: "bound" }>): GateLiveMessage {
  const amount = state === "reached" ? 0 : limit;
  const bound = { host, ...(what === "upload" ? { uploadBytes: amount } : { requests: amount }) };
  return { type: "bound", id: id || "bound", bound };
}

/** A grant whose time is over is left out; what the gate does not take, it refuses. */
function toMessage(event: PolicyEvent, ageMs: number): GateLiveMessage[] {
  const { id, host, port, action, protocol, isPrivate, rules, time, until } = event;
  if (action === "deny") return [{ type: "deny", id, host, port }];
  if (protocol === undefined || isPrivate === undefined) return [];
  // Without its rules a part would become the whole
  const destination = { host, port, protocol, isPrivate, ...(rules && { rules }) };
  if (until === undefined) return [{ type: "allow", id, destination }];
  // Both times are the gate's own, of the same moment
  const forMs = Math.floor(Date.parse(until) - Date.parse(time) - ageMs);
  return forMs >= 1 ? [{ type: "allow", id, destination, forMs }] : [];
}
