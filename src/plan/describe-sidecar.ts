/** Who stands between the agent and the hosts, and what each can see, as the preflight says it. */
import { isInspectedBy } from "./destinations.ts";
import { noteOnFixes } from "./filter-releases.ts";
import type { ProxyPlan } from "./egress-plan.ts";
import type { BottlePlan } from "./plan.ts";

/** One line each. */
export function describeSidecar({ egress }: BottlePlan): string[] {
  const { filter, pipelockImage = "", destinations } = egress;
  const namesOf = (by: "gate" | "pipelock") =>
    destinations.filter((one) => isInspectedBy(one, by)).map((one) => one.host);
  const byGate = namesOf("gate");
  const byPipelock = filter === "pipelock" ? namesOf("pipelock") : [];
  const plain = destinations.filter((one) => one.protocol === "http").map((one) => one.host);
  const tcp = destinations.filter((one) => one.protocol === "tcp").map((one) => `${one.host}:${one.port}`);
  const byGit = destinations.filter((one) => one.git).map((one) => one.host);
  const isBlind = byGate.length + byPipelock.length + byGit.length === 0;
  const looks = [
    ...(byGate.length === 0
      ? []
      : [`gate opens TLS and looks for secrets in what is sent to ${byGate.join(", ")}`]),
    ...(byPipelock.length === 0
      ? []
      : [`pipelock opens TLS and looks for credentials on ${byPipelock.join(", ")}`]),
    ...(byGit.length === 0
      ? []
      : [
          `gate opens TLS on ${byGit.join(", ")}, lets git alone through, and looks for secrets in each push`,
        ]),
    `sees host names and byte counts; cannot see inside ${isBlind ? "" : "any other "}TLS or SSH`,
  ];
  const past = tcp.length === 0 ? [] : [`carries anything to ${tcp.join(", ")}, and nothing looks at it`];
  const beyond = egress.proxy ? [describeProxy(egress.proxy)] : [];
  if (filter === "builtin")
    return [
      "gate alone (CLAUDE_BOTTLE_EGRESS=builtin): exact hosts and ports, no DLP",
      ...looks,
      ...past,
      ...beyond,
    ];
  return [
    `gate, then pipelock (${pipelockImage})`,
    ...looks.slice(0, -1),
    `${looks.at(-1) ?? ""}${isBlind ? ", so DLP covers host names only" : ""}`,
    ...noteOnFixes(pipelockImage),
    ...past,
    ...beyond,
    ...(plain.length === 0
      ? []
      : [
          `reads plain http on ${plain.join(", ")} and looks for credentials; others on the way can read it too`,
        ]),
  ];
}

/** The proxy itself is not a grant: it is this machine's network that wants it. */
function describeProxy({ host, port, hasCredentials, variable, direct }: ProxyPlan): string {
  const credentials = hasCredentials ? ", with credentials that stay in the sidecar" : "";
  const past = direct.filter((one) => one !== host);
  const except = past.length === 0 ? "" : `; not for ${past.join(", ")}`;
  return `reaches hosts through the proxy ${host}:${port} (${variable})${credentials}${except}`;
}
