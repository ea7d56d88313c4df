/** Freezes a running bottle and thaws it: the gate hears nobody, and no process of the agent's runs. */
import { holdProcesses, letGo } from "../agent/hold-processes.ts";
import type { Held } from "../agent/hold-processes.ts";
import { askGate } from "../gate/gate-control.ts";
import type { Part } from "../platform/part.ts";

export interface FrozenParts {
  readonly agent: Part;
  readonly gate: Part;
}

/** Cuts the connections first: what still runs in the moment between has nobody to talk to. */
export async function freezeBottle({ agent, gate }: FrozenParts): Promise<Held> {
  await askGate(gate, { type: "freeze" }, "freeze");
  return holdProcesses(agent);
}

/** Hears the agent first, so that what goes on finds its way out open. */
export async function thawBottle({ agent, gate }: FrozenParts): Promise<void> {
  await askGate(gate, { type: "thaw" }, "freeze");
  await letGo(agent);
}
