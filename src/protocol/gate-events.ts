/**
 * What the gate says: one JSON event a line on stdout, which is its log as well. Hosts and reasons in it are an agent's doing, so all of
 * it is read as hostile. A field more is no fault: a bottle may have been started by a later version.
 */
import * as v from "valibot";
import { destinationSchema, protocolSchema, rulesSchema } from "./gate-destination.ts";
import { fit } from "./parse.ts";

const time = v.string();
const id = v.string();
const count = v.number();
const pair = { host: v.string(), port: v.number() };

/** What an agent asks for; TLS where it is left out */
const askedProtocol = v.optional(v.picklist(["http", "tcp"]));

const portsSchema = v.object({
  proxy: v.number(),
  api: v.number(),
  sshAgent: v.number(),
  pipelock: v.number(),
  /** Where the agent asks the user; not told by earlier versions */
  ask: v.optional(v.number()),
});

export type GatePorts = Readonly<v.InferOutput<typeof portsSchema>>;

const secretFields = {
  name: v.string(),
  host: v.string(),
  /**
   * `used`: the real value was put in. `blocked`: the placeholder came where nothing is put in. `returned`: the real value was in what the
   * host sent, and was taken out
   */
  verdict: v.picklist(["used", "blocked", "returned"]),
  /** For `blocked`. `connect`: in what asks for a connection, or in a plain http request */
  where: v.optional(v.picklist(["address", "header", "body", "connect"])),
  /** Since `first`, this time included */
  count,
  /** ISO 8601 */
  first: v.string(),
};
const secretSchema = v.object(secretFields);

/** What became of a secret at a host so far. */
export type GateSecretEvent = Readonly<v.InferOutput<typeof secretSchema>>;

const findingFields = {
  host: v.string(),
  rule: v.string(),
  /** `header x-key`, `query key`, `body $.a.b` */
  where: v.string(),
  /** Equal for equal secrets of one session; of no use to find out the secret */
  fingerprint: v.string(),
  /** `told`: known to stand in public, or made for tests. `allowed`: by the manifest */
  verdict: v.picklist(["blocked", "told", "allowed"]),
  /** Since `first`, this time included */
  count,
  /** ISO 8601 */
  first: v.string(),
};
const findingSchema = v.object(findingFields);

/** What was found in a request to an inspected host, and what became of it. */
export type GateFindingEvent = Readonly<v.InferOutput<typeof findingSchema>>;

const trapFields = {
  /** `aws`, and where in the bottle it was planted */
  canary: v.string(),
  place: v.string(),
  /** Where it was going */
  host: v.string(),
  /** As for findings */
  where: v.string(),
  /** `frozen`: it was stopped, and the bottle with it. `told`: it is in what Claude's API was sent, as what an agent reads may be */
  verdict: v.picklist(["frozen", "told"]),
  /** Who sent it, by its own word */
  by: v.optional(v.string()),
  /** The port that its connection came from, on the agent's side */
  from: v.optional(v.number()),
  /** Since `first`, this time included */
  count,
  /** ISO 8601 */
  first: v.string(),
};
const trapSchema = v.object(trapFields);

/** A made-up credential that came by. */
export type GateTrapEvent = Readonly<v.InferOutput<typeof trapSchema>>;

const boundFields = {
  /** Of the message that changed it; empty otherwise */
  id: v.string(),
  host: v.string(),
  /** `requests`: connections where TLS is not opened */
  what: v.picklist(["upload", "requests"]),
  /** `warned`: much for a host without a bound. `reached`: nothing more goes until it is changed */
  state: v.picklist(["warned", "reached", "changed"]),
  used: count,
  limit: count,
};
const boundSchema = v.object(boundFields);

/** How much a host has been sent, where that is worth telling. */
export type GateBoundEvent = Readonly<v.InferOutput<typeof boundSchema>>;

const filterSchema = v.picklist(["pipelock", "builtin"]);

const eventSchema = v.variant("event", [
  /** All listeners are open, and pipelock (if any) reports strict mode with its forward proxy on */
  v.object({ event: v.literal("ready"), time, ports: portsSchema, pipelock: v.nullable(v.string()) }),
  /** The CA for inspected hosts is written and pipelock may start; `certificate` is PEM */
  v.object({ event: v.literal("authority"), time, certificate: v.string() }),
  v.object({ event: v.literal("fatal"), time, message: v.string() }),
  v.object({
    event: v.literal("attempt"),
    time,
    /** Canonical host as asked for, escaped if it was not a host name */
    ...pair,
    verdict: v.picklist(["allowed", "refused"]),
    /** One of `refusalCodes`, or of a later version's */
    code: v.optional(v.string()),
    reason: v.optional(v.string()),
    /** Who asked, by its own word */
    by: v.optional(v.string()),
    /** Of a request in an opened tunnel that a rule decided on: `POST /repos/acme/shop/pulls`, without its query */
    request: v.optional(v.string()),
  }),
  v.object({
    event: v.literal("closed"),
    time,
    ...pair,
    sentBytes: count,
    receivedBytes: count,
    durationMs: count,
  }),
  v.object({ event: v.literal("api"), time, method: v.string(), path: v.string(), status: v.number() }),
  /** Counts only go up, so the newest event of a kind tells all; a restarted gate begins at zero */
  v.object({ event: v.literal("secret"), time, ...secretFields }),
  /** Counted as those of secrets are */
  v.object({ event: v.literal("finding"), time, ...findingFields }),
  /** A change to the policy is in force; by `expiry` a timed grant has ended, by `undo` the user has taken a change back */
  v.object({
    event: v.literal("policy"),
    time,
    id,
    action: v.picklist(["allow", "deny"]),
    ...pair,
    by: v.picklist(["user", "expiry", "undo"]),
    /** For `allow` */
    protocol: v.optional(protocolSchema),
    isPrivate: v.optional(v.boolean()),
    isInspected: v.optional(v.boolean()),
    /** All that are in force for the pair with this change; without them it is allowed whole */
    rules: v.optional(rulesSchema),
    /** When a timed grant ends, ISO 8601 */
    until: v.optional(v.string()),
  }),
  /** The agent asks the user for a pair (`open`), and what became of it. The reason is the agent's own, one printable line */
  v.object({
    event: v.literal("ask"),
    time,
    id,
    ...pair,
    reason: v.string(),
    protocol: askedProtocol,
    state: v.picklist(["open", "allowed", "blocked", "expired"]),
  }),
  v.object({
    event: v.literal("described"),
    time,
    id,
    filter: filterSchema,
    destinations: v.pipe(v.array(destinationSchema), v.readonly()),
    /** The one upstream of the API forwarder */
    apiHost: v.nullable(v.string()),
  }),
  /** A live message was wrong and changed nothing; `id` is empty if it could not be read */
  v.object({ event: v.literal("rejected"), time, id, message: v.string() }),
  v.object({ event: v.picklist(["pong", "begun", "ended"]), time, id }),
  v.object({ event: v.literal("trap"), time, ...trapFields }),
  v.object({ event: v.literal("bound"), time, ...boundFields }),
  /** Whether the agent is heard at all; `trap`: one of its made-up credentials was on its way out. `id` is empty then */
  v.object({
    event: v.literal("freeze"),
    time,
    id,
    state: v.picklist(["frozen", "thawed"]),
    by: v.picklist(["user", "trap"]),
  }),
  /** Whether pipelock answers as it must; while it does not, every attempt is refused */
  v.object({
    event: v.literal("filter"),
    time,
    state: v.picklist(["healthy", "lost"]),
    problem: v.optional(v.string()),
  }),
  /** So many events before this one were not written, because nobody read fast enough */
  v.object({ event: v.literal("dropped"), time, count }),
  /** What the log says up to here, for whoever reads only its end. Not told by earlier versions, nor by a gate in place of one that ended */
  v.object({
    event: v.literal("counts"),
    time,
    /** Different pairs that were refused */
    refused: count,
    /** Those of them that the filter may have refused as well, unless they are too many; a blocked secret has no port */
    both: v.nullable(
      v.pipe(v.array(v.object({ host: v.string(), port: v.optional(v.number()) })), v.readonly()),
    ),
    /** What the agent asks for and has no answer to, oldest first; `time` is when it asked */
    asks: v.pipe(
      v.array(v.object({ time, ...pair, reason: v.string(), protocol: askedProtocol })),
      v.readonly(),
    ),
    /** Set while the bottle is frozen */
    isFrozen: v.optional(v.boolean()),
  }),
]);

export type GateEvent = Readonly<v.InferOutput<typeof eventSchema>>;

/** An event as it is emitted; the time is put in by the emitter. */
export type GateEventBody = GateEvent extends infer E ? (E extends unknown ? Omit<E, "time"> : never) : never;

/** Undefined for what is no event, or one that only a later version knows. */
export function parseGateEvent(value: unknown): GateEvent | undefined {
  return fit(eventSchema, value);
}
