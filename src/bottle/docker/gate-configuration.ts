/** What the gate is told: the plan's destinations, and the secrets that stay with it. */
import { apiHost } from "../../plan/built-in-hosts.ts";
import { isNamedPrivate } from "../../plan/destinations.ts";
import { authorityFolder } from "../../plan/pipelock-config.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateApi, GateConfiguration, GateSecret } from "../../sidecar/gate/protocol.ts";
import type { Credential, Grants } from "../bottle.ts";

/** Travels to the gate over its stdin only; never log it. */
export function makeGateConfiguration(plan: BottlePlan, grants: Grants): GateConfiguration {
  const { destinations, filter } = plan.egress;
  const isInspecting = filter === "pipelock" && destinations.some((one) => one.isInspected);
  const secrets = makeSecrets(plan, grants);
  return {
    type: "configure",
    destinations: destinations.map(({ host, port, protocol, isPrivate }) => ({
      host,
      port,
      protocol,
      isPrivate,
    })),
    filter,
    sshKeys: plan.ssh.map((entry, index) => ({
      privateKey: grants.sshKeys[index]?.reveal() ?? "",
      host: entry.host,
      hostname: entry.hostname,
      port: entry.port,
      hostKey: entry.hostKey,
    })),
    ...(plan.auth === "gate" ? { api: makeApi(plan, grants.token) } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(isInspecting || secrets.length > 0 ? { inspect: { caDirectory: authorityFolder } } : {}),
  };
}

/** The binding is the plan's, as it was shown; the value and its placeholder are the grant's. */
function makeSecrets(plan: BottlePlan, grants: Grants): GateSecret[] {
  return plan.env.flatMap(({ name, hosts }) => {
    if (hosts === undefined) return [];
    const grant = grants.env.find((one) => one.name === name);
    if (!grant?.placeholder) throw new Error(`The bound secret ${name} has no placeholder`);
    return [{ name, placeholder: grant.placeholder.reveal(), value: grant.value.reveal(), hosts }];
  });
}

function makeApi(plan: BottlePlan, token: Credential): GateApi {
  const value = token.value.reveal();
  return {
    host: apiHost,
    isPrivate: isNamedPrivate(apiHost, plan.egress.destinations),
    credential: {
      ...(token.kind === "oauth"
        ? { header: "authorization", value: `Bearer ${value}` }
        : { header: "x-api-key", value }),
      ...(plan.token ? { name: plan.token.variable } : {}),
    },
  };
}
