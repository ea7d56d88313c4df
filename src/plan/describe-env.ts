/** Env entries in words for the preflight: where each value comes from, and whether the agent gets hold of it. */
import { matchesHostPattern } from "../core/host-name.ts";
import type { Destination } from "./egress-plan.ts";
import { showValue } from "./phrases.ts";
import type { BottlePlan, EnvPlan } from "./plan.ts";
import { quoteWhole } from "./whole-texts.ts";

/** Name, where the value comes from, where it goes. */
export function describeEnv(entry: EnvPlan): string[] {
  const where =
    entry.hosts === undefined ? "inside the bottle" : `stays in the sidecar, for ${entry.hosts.join(", ")}`;
  return [entry.name, describeValue(entry), where];
}

function describeValue(entry: EnvPlan): string {
  switch (entry.kind) {
    case "prompt":
      return `asked for at launch: ${quoteWhole(entry.question)}`;
    case "variable":
      return `copied from ${entry.variable}`;
    case "literal":
      // One that is bound to hosts is meant as a secret, though it stands in the manifest
      return entry.hosts === undefined ? `literal ${showValue(entry.value.reveal())}` : "literal";
  }
}

/** `, opened for GITEA_TOKEN` after a destination that a secret is bound to */
export function describeOpening(plan: BottlePlan, one: Destination): string {
  if (one.protocol !== "tls") return "";
  const names = listBound(plan)
    .filter(({ hosts }) => hosts.some((host) => matchesHostPattern(host, one.host)))
    .map(({ name }) => name);
  return names.length === 0 ? "" : `, opened for ${names.join(", ")}`;
}

/** What the gate sees that it would not see without bound secrets; no line if there are none. */
export function describeBoundHosts(plan: BottlePlan): string[] {
  const hosts = [...new Set(listBound(plan).flatMap((one) => one.hosts))].toSorted();
  if (hosts.length === 0) return [];
  return [`gate opens TLS on ${hosts.join(", ")} to fill in secrets; no DLP there`];
}

function listBound({ env }: BottlePlan): { readonly name: string; readonly hosts: readonly string[] }[] {
  return env.flatMap(({ name, hosts }) => (hosts === undefined ? [] : [{ name, hosts }]));
}
