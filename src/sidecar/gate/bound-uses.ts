/** Counts what became of each secret and reports it: so many uses at a host, so many tries elsewhere. */
import { makeCountedEvents } from "./counted-events.ts";
import type { Emit } from "./events.ts";
import type { GateSecretEvent } from "../../protocol/gate-events.ts";

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

const otherHosts = "other hosts";

/** `clock` is in milliseconds since 1970; `later` calls back in a second. */
export function makeSecretUses(
  emit: Emit,
  clock?: () => number,
  later?: (act: () => void) => void,
): SecretUses {
  const events = makeCountedEvents<Omit<GateSecretEvent, "count" | "first">>(
    (count) => emit({ event: "secret", ...count }),
    clock,
    later,
  );
  const note = (what: Omit<GateSecretEvent, "count" | "first">) =>
    events.note(what, { ...what, host: otherHosts });
  return {
    used: (name, host) => note({ name, host, verdict: "used" }),
    returned: (name, host) => note({ name, host, verdict: "returned" }),
    blocked: (name, host, where) => note({ name, host, verdict: "blocked", where }),
    settle: () => events.settle(),
  };
}
