/** Sets the traps of a gate that has any: what looks for made-up credentials is loaded only then. */
import type { Emit } from "./events.ts";
import type { Freezer } from "./freezer.ts";
import type { PlainForwarder } from "./proxy.ts";
import type { Traps } from "./traps.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";

export interface SetTraps {
  readonly traps: Traps;
  /** A forwarder that gets only what holds no canary */
  guard(plain: PlainForwarder | undefined): PlainForwarder | undefined;
}

/** Undefined without canaries. */
export async function setTraps(
  { canaries = [] }: GateConfiguration,
  freezer: Freezer,
  emit: Emit,
): Promise<SetTraps | undefined> {
  if (canaries.length === 0) return undefined;
  const [{ Traps: Made }, { lookThrough }] = await Promise.all([
    import("./traps.ts"),
    import("./trapped-plain.ts"),
  ]);
  const traps = new Made(canaries, freezer, emit);
  return { traps, guard: (plain) => plain && lookThrough(plain, traps) };
}
