/** What the gate is told: the plan's destinations, and the secrets that stay with it. */
import { apiHost } from "../../plan/built-in-hosts.ts";
import { isNamedPrivate } from "../../plan/destinations.ts";
import { authorityFolder } from "../../plan/pipelock-config.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateApi, GateConfiguration } from "../../sidecar/gate/protocol.ts";
import type { Credential, Grants } from "../bottle.ts";

/** Travels to the gate over its stdin only; never log it. */
export function makeGateConfiguration(plan: BottlePlan, grants: Grants): GateConfiguration {
  const { destinations, filter } = plan.egress;
  const isInspecting = filter === "pipelock" && destinations.some((one) => one.isInspected);
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
    ...(isInspecting ? { inspect: { caDirectory: authorityFolder } } : {}),
  };
}

function makeApi(plan: BottlePlan, token: Credential): GateApi {
  const value = token.value.reveal();
  return {
    host: apiHost,
    isPrivate: isNamedPrivate(apiHost, plan.egress.destinations),
    credential:
      token.kind === "oauth"
        ? { header: "authorization", value: `Bearer ${value}` }
        : { header: "x-api-key", value },
  };
}
