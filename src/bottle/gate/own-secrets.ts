/** The secrets of a session that are looked for where the gate inspects a host: those in the bottle, and those that the sidecar keeps. */
import type { Secret } from "../../core/secret.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateOwnSecret } from "../../protocol/gate.ts";
import type { Grants } from "../bottle.ts";

/** As much as the gate takes of one value */
const longest = 131_072;

/** Values travel to the gate over its stdin only; never log them. */
export function makeOwnSecrets(plan: BottlePlan, grants: Grants): GateOwnSecret[] {
  const values = plan.env.flatMap(({ name, kind, hosts }): GateOwnSecret[] => {
    const grant = grants.env.find((one) => one.name === name);
    if (!grant) return [];
    const isBound = hosts !== undefined;
    // What was asked for, hidden, or is bound to hosts is a secret by the user's own word
    return own(`env:${name}`, grant.value, { isInBottle: !isBound, isSure: isBound || kind === "prompt" });
  });
  const keys = plan.ssh.flatMap(({ host }, index) => {
    const key = grants.sshKeys[index];
    return key ? own(`ssh:${host}`, key, { isInBottle: false, isSure: true }) : [];
  });
  const token = own("token", grants.token.value, { isInBottle: plan.auth === "env", isSure: true });
  return [...values, ...keys, ...token];
}

function own(
  rule: string,
  secret: Secret,
  kind: Pick<GateOwnSecret, "isInBottle" | "isSure">,
): GateOwnSecret[] {
  const value = secret.reveal().slice(0, longest);
  return value === "" ? [] : [{ rule, value, ...kind }];
}
