/** The made-up credentials of a session as what a looker looks for. */
import type { GateCanary } from "../../protocol/gate.ts";
import type { OwnSecret } from "./inspect/own-secrets.ts";

export const canaryPrefix = "canary:";

/** The canaries as secrets that a looker knows. */
export function asSecrets(canaries: readonly GateCanary[]): OwnSecret[] {
  return canaries.map(({ kind, value }) => ({
    rule: `${canaryPrefix}${kind}`,
    value,
    isInBottle: true,
    isSure: true,
  }));
}
