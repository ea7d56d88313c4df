/** How a destination is spoken to, in a few words for the preflight. */
import { countOf } from "../core/text.ts";
import type { Destination } from "./egress-plan.ts";
import { describeGit } from "./git-destinations.ts";

/** What the name leads to here and now; the sidecar looks it up again each time. */
function describePrivate({ addresses }: Destination): string {
  if (addresses === undefined) return "private";
  return addresses.length === 0
    ? "private (does not resolve here)"
    : `private (${addresses.slice(0, 3).join(", ")}${addresses.length > 3 ? ", …" : ""})`;
}

const protocolNames = {
  ssh: "SSH",
  tls: "TLS",
  http: "plain HTTP",
  tcp: "any protocol, not checked",
} as const;

function describeInspection({ inspect }: Destination): string {
  if (inspect?.by !== "gate") return "inspected by pipelock";
  return `inspected${inspect.allow.length > 0 ? ` (lets ${inspect.allow.join(", ")} through)` : ""}`;
}

/** `TLS, private (10.0.0.5), inspected` */
export function describeProtocol(one: Destination): string {
  const marks = [
    protocolNames[one.protocol],
    ...(one.isPrivate ? [describePrivate(one)] : []),
    ...(one.isInspected ? [describeInspection(one)] : []),
    ...(one.git ? [`${one.rules ? "git" : "git only"}: ${one.git.map(describeGit).join("; ")}`] : []),
    ...(one.rules ? [`only ${countOf(one.rules.lines.length, "rule")}`] : []),
  ];
  return marks.join(", ");
}
