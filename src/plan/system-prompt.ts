/** What claude is told of where it is: appended to its system prompt in every bottle, in front of what the manifest adds. */
import { commandLine } from "../core/shell-quote.ts";
import { sidecarHosts } from "./built-in-hosts.ts";
import { describeProtocol } from "./describe-destination.ts";
import { servicesPrompt } from "./describe-services.ts";
import type { Destination } from "./egress-plan.ts";
import type { BottlePlan } from "./plan.ts";

/** More would only fill the model's context; the manifest has them all */
const maxHosts = 60;

/** The whole text, ending with a line break. Names in it passed the grammar of hosts. */
export function makeSystemPrompt(plan: BottlePlan): string {
  const own = [
    ...aboutBottle(plan),
    "",
    ...aboutNetwork(plan),
    "",
    ...servicesPrompt(plan.services),
    ...aboutBlocks(plan),
    "",
    ...aboutWork(plan),
  ];
  const { prompt } = plan.agent;
  return `${own.join("\n")}\n${prompt === "" ? "" : `\n${prompt}\n`}`;
}

function aboutBottle({ bottleName }: BottlePlan): string[] {
  return [
    `You run in a claude-bottle: a container of your own, named ${bottleName}. It holds nothing of the user's machine except what was copied in, and you may do anything in it.`,
    "This text is also in ~/.claude-bottle/prompt.md. If the session was resumed, that file and $CLAUDE_BOTTLE have the current name and hosts.",
  ];
}

function aboutNetwork({ egress, auth }: BottlePlan): string[] {
  const rows = egress.destinations.map((one) => `- ${one.host}:${one.port} (${describe(one)})`);
  const hasTcp = egress.destinations.some((one) => one.protocol === "tcp");
  const more = rows.length - maxHosts;
  const isApiOutside = sidecarHosts(auth).length > 0;
  return [
    rows.length === 0
      ? "No host can be reached from here."
      : "These hosts can be reached from here, and the user may allow others while you work (*.name stands for name and all below it):",
    ...rows.slice(0, maxHosts),
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...(hasTcp
      ? [
          "Connect to a host of any protocol by its own name and port, without a proxy; if that fails, by CONNECT.",
        ]
      : []),
    `Everything else is blocked by policy: other hosts, other ports, DNS, UDP, the user's machine. All traffic goes through the proxy in HTTPS_PROXY, which is set.${isApiOutside ? " Your own model works without a rule." : ""}`,
  ];
}

/** Without the addresses that a private name has here, which are nobody's business in the bottle. */
function describe(one: Destination): string {
  return describeProtocol({ ...one, addresses: undefined });
}

/** In the words of the tools, which hide the proxy's own explanation. */
function aboutBlocks({ bottleName }: BottlePlan): string[] {
  return [
    'A blocked request looks like this: curl and git "CONNECT tunnel failed, response 403", npm "403 Forbidden", pip "Tunnel connection failed: 403 Forbidden", Node "Request was cancelled" or "Proxy response (403)". To read why: curl -sv https://HOST 2>&1 | grep -i x-claude-bottle',
    "It is no fault of the network: do not retry, and do not look for another way out. If the work needs the host, ask the user for it, and wait for the answer:",
    '  bottle-request HOST --reason "what you need it for, in one line"',
    "HOST:PORT asks for another port than 443; --kind http or --kind tcp for what is not TLS there.",
    "It ends with 0 when the host is allowed (try again then; nothing has to be restarted), 1 when it is blocked or not possible, 75 when there is no answer yet. The tool request_host of the MCP server bottle does the same. Where nobody answers, say in your own answer which host you need, what for, and the command that allows it, to be typed outside of the bottle:",
    commandLine`  claude-bottle allow ${bottleName} HOST`,
    'A host in a private network needs "--private" after it.',
  ];
}

function aboutWork({ workspace, workspacePatterns }: BottlePlan): string[] {
  if (workspace === undefined)
    return ["The working directory is empty, and what you write there is removed at the end."];
  const { bring } = workspacePatterns;
  const kept = bring.length === 0 ? "" : `, but for ${bring.join(", ")}`;
  return [
    `The working directory is a copy of the user's. What you commit there, on any branch, and what you change without committing comes back to the user at the end; files that git ignores do not${kept}.`,
  ];
}
