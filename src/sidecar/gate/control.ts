/** Changes to a running gate: each message is answered by one event with its id, and a message that is wrong changes nothing. */
import type { Bounds } from "./bounds.ts";
import type { ChangeLock } from "./change-lock.ts";
import { GateFailure } from "./failure.ts";
import type { Emit } from "./events.ts";
import type { Freezer } from "./freezer.ts";
import { parseGateMessage } from "./messages.ts";
import type { Policy } from "./policy.ts";
import type {
  GateAllow,
  GateConfiguration,
  GateDeny,
  GateForget,
  GateLiveMessage,
} from "../../protocol/gate.ts";

export interface ControlOptions {
  readonly configuration: GateConfiguration;
  readonly policy: Policy;
  readonly lock: ChangeLock;
  readonly freezer: Freezer;
  readonly bounds: Bounds;
  readonly emit: Emit;
  /** Milliseconds since 1970, for showing when a grant ends; nothing is decided by it */
  readonly now?: () => number;
}

/**
 * Takes one line of stdin. Never throws: whoever can write here owns the engine, but a line that a newer version sent, or that two
 * writers mixed, must not end a session.
 */
export function takeLine(line: string, options: ControlOptions): void {
  try {
    const message = parseGateMessage(line);
    if (message.type === "configure") throw new GateFailure("a second configuration came");
    act(message, options);
  } catch (error) {
    const reason = error instanceof GateFailure ? error.message : "the message is not understood";
    options.emit({ event: "rejected", id: readId(line), message: reason });
  }
}

/** Whom to answer, if the line says that much. */
function readId(line: string): string {
  return /"id":"([A-Za-z0-9-]{1,64})"/.exec(line)?.[1] ?? "";
}

function act(message: GateLiveMessage, options: ControlOptions): void {
  const { configuration, policy, emit } = options;
  switch (message.type) {
    case "ping":
      return emit({ event: "pong", id: message.id });
    case "begin":
      return options.lock.take(message.id, () => emit({ event: "begun", id: message.id }));
    case "end":
      options.lock.release(message.id);
      return emit({ event: "ended", id: message.id });
    case "describe":
      return emit({
        event: "described",
        id: message.id,
        filter: configuration.filter,
        destinations: policy.list(),
        apiHost: configuration.api?.host ?? null,
      });
    case "freeze":
      return options.freezer.freeze({ id: message.id, by: "user" });
    case "thaw":
      return options.freezer.thaw(message.id);
    case "bound":
      return options.bounds.change(message.id, message.bound);
    case "allow":
      return allow(message, options);
    case "deny":
      return deny(message, options);
    case "forget":
      return forget(message, options);
  }
}

function allow({ id, destination, forMs }: GateAllow, options: ControlOptions): void {
  const { policy, emit, configuration, now = Date.now } = options;
  if (destination.protocol === "http" && configuration.filter === "builtin")
    throw new GateFailure("plain http needs pipelock, which searches it");
  if (destination.rules && !opensTls(configuration, destination.host))
    throw new GateFailure(
      "the bottle began without a host whose TLS is opened, and trusts no certificate of the gate; add the rule to the manifest, and start the bottle again",
    );
  const pair = { event: "policy", id, host: destination.host, port: destination.port } as const;
  const joined = policy.allow(destination, forMs, () => emit({ ...pair, action: "deny", by: "expiry" }));
  const event = { ...joined, event: "policy", id } as const;
  const until = forMs === undefined ? {} : { until: new Date(now() + forMs).toISOString() };
  emit({ ...event, action: "allow", by: "user", ...until });
}

/** True if this gate has what decides on single requests to the host. */
function opensTls({ destinations, secrets = [] }: GateConfiguration, host: string): boolean {
  return (
    destinations.some((one) => one.inspect ?? one.rules) || secrets.some((one) => one.hosts.includes(host))
  );
}

function deny({ id, host, port }: GateDeny, { policy, emit }: ControlOptions): void {
  policy.deny(host, port);
  emit({ event: "policy", id, host, port, action: "deny", by: "user" });
}

function forget({ id, host, port }: GateForget, { policy, emit }: ControlOptions): void {
  policy.forget(host, port);
  emit({ event: "policy", id, host, port, action: "deny", by: "undo" });
}
