/** What the gate is told: the plan's destinations, and the secrets that stay with it. */
import { generateKeyPairSync } from "node:crypto";
import { apiHost } from "../../plan/built-in-hosts.ts";
import { isInspectedBy, isNamedPrivate } from "../../plan/destinations.ts";
import { authorityFolder } from "../../plan/pipelock-config.ts";
import type { Destination, EgressPlan } from "../../plan/egress-plan.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { Canary } from "../agent/make-canaries.ts";
import type {
  GateApi,
  GateBound,
  GateCanary,
  GateConfiguration,
  GateSecret,
  GateSshKey,
} from "../../protocol/gate.ts";
import type { GateDestination } from "../../protocol/gate-destination.ts";
import type { Credential, Grants } from "../bottle.ts";
import { makeOwnSecrets } from "./own-secrets.ts";

/** Travels to the gate over its stdin only; never log it. */
export function makeGateConfiguration(
  plan: BottlePlan,
  grants: Grants,
  canaries: readonly Canary[] = [],
): GateConfiguration {
  const { destinations, filter } = plan.egress;
  const isByFilter = filter === "pipelock" && destinations.some((one) => isInspectedBy(one, "pipelock"));
  const isByGate = destinations.some((one) => isInspectedBy(one, "gate"));
  const hasRules = destinations.some((one) => one.rules);
  const secrets = makeSecrets(plan, grants);
  // Without pipelock beside it the gate's CA goes with the gate
  const hasGit = destinations.some((one) => one.git);
  const needsKey = secrets.length > 0 || isByGate || hasRules || hasGit;
  return {
    type: "configure",
    destinations: destinations.map((one) => toGate(one, filter)),
    filter,
    ...makeProxy(plan, grants),
    sshKeys: makeSshKeys(plan, grants),
    ...(plan.auth === "gate" ? { api: makeApi(plan, grants.token) } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    // By these the gate knows this bottle's credentials from others', too
    ...(needsKey ? { own: makeOwnSecrets(plan, grants) } : {}),
    ...(plan.egress.bounds && { bounds: plan.egress.bounds.map(toBound) }),
    ...(canaries.length > 0 ? { canaries: canaries.flatMap(toWatched) } : {}),
    ...(isByFilter || needsKey
      ? { inspect: { caDirectory: authorityFolder, ...(needsKey ? { caKey: makeCaKey() } : {}) } }
      : {}),
  };
}

function toBound({ host, uploadBytes, requests }: NonNullable<EgressPlan["bounds"]>[number]): GateBound {
  return {
    host,
    ...(uploadBytes !== undefined && { uploadBytes }),
    ...(requests !== undefined && { requests }),
  };
}

function toWatched({ kind, place, values }: Canary): GateCanary[] {
  return values.map((value) => ({ kind, place: `~/${place}`, value }));
}

/** A probe is not given the credentials: it reaches nothing that they are needed for. */
function makeProxy({ egress }: BottlePlan, { proxyAuthorization }: Grants): Pick<GateConfiguration, "proxy"> {
  if (!egress.proxy) return {};
  const { host, port, direct, nameservers } = egress.proxy;
  const authorization = proxyAuthorization?.reveal();
  return {
    proxy: { host, port, ...(authorization !== undefined && { authorization }), direct, nameservers },
  };
}

function toGate(one: Destination, filter: "pipelock" | "builtin"): GateDestination {
  const { host, port, protocol, isPrivate, inspect, git, rules } = one;
  return {
    host,
    port,
    protocol,
    isPrivate,
    ...(isInspectedBy(one, "pipelock") && filter === "pipelock" ? { isInspected: true } : {}),
    ...(isInspectedBy(one, "gate") ? { inspect: { allow: inspect?.allow ?? [] } } : {}),
    ...(git && { git: git.map(({ repo, push, force, allow }) => ({ repo, push, force, allow })) }),
    ...(rules
      ? { rules: { allow: [...new Set(rules.lines.map(({ text }) => text))], account: rules.account } }
      : {}),
  };
}

function makeSshKeys(plan: BottlePlan, grants: Grants): GateSshKey[] {
  return plan.ssh.map(({ host, user, hostKey }, index) => {
    const privateKey = grants.sshKeys[index]?.reveal();
    if (privateKey === undefined) throw new Error(`The ssh entry ${host} has no key`);
    const passphrase = grants.sshPassphrases?.[index]?.reveal();
    return {
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      host,
      user,
      hostKey,
    };
  });
}

/**
 * Without pipelock beside it the gate's folder in memory goes with the gate, and the bottle would not trust another CA. So the key is
 * made here, where the secrets themselves are, and handed on in the same way.
 */
function makeCaKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
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
