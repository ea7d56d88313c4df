/** What of an agent's MCP servers cannot work: a host that is not granted, a variable that the bottle does not have. */
import { matchesHostPattern } from "../core/host-name.ts";
import { quote } from "../core/text.ts";
import { fillVariables } from "../manifest/fill-variables.ts";
import type { McpServer } from "../manifest/mcp-schema.ts";
import type { TunnelProtocol } from "./egress-plan.ts";
import type { BottlePlan } from "./plan.ts";

/** In every bottle, whatever its manifest says; an image may have more */
const ownVariables: ReadonlySet<string> = new Set(
  "PATH HOME USER PWD LANG TERM HOSTNAME HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy CLAUDE_BOTTLE".split(
    " ",
  ),
);
/** By the way a scheme goes out; ws:// has none, since only TLS is tunnelled */
const protocols: Readonly<Record<string, readonly [TunnelProtocol, number]>> = {
  "https:": ["tls", 443],
  "wss:": ["tls", 443],
  "http:": ["http", 80],
};
/** Stands for a value that is known only at the launch. A name in it would be one of nobody's */
const unknown = "unknown-value.invalid";

/** One sentence for each. */
export function warnOfServers(plan: BottlePlan): string[] {
  return Object.entries(plan.agent.claude?.mcp ?? {}).flatMap(([name, server]) => [
    ...findMissing(plan, server).map(
      (missing) =>
        `MCP server ${quote(name)} uses \${${missing}}, which is not under env of this bottle: claude takes it as it is written`,
    ),
    ...listAddresses(server).flatMap((address) => {
      const problem = judgeAddress(plan, address);
      return problem === undefined ? [] : [`MCP server ${quote(name)} cannot be reached: ${problem}`];
    }),
  ]);
}

/** The url with its defaults in place of what this bottle does not have; undefined where that changes nothing. */
export function fillDefaults({ env }: BottlePlan, url: string): string | undefined {
  const { filled } = fillVariables(url, (name) =>
    env.some((entry) => entry.name === name) || ownVariables.has(name) ? `\${${name}}` : undefined,
  );
  return filled === url ? undefined : filled;
}

function findMissing({ env }: BottlePlan, server: McpServer): string[] {
  const { command = "", args = [], url = "", headers = {} } = server;
  const texts = [command, ...args, url, ...Object.values(server.env ?? {}), ...Object.values(headers)];
  const known = (name: string) =>
    ownVariables.has(name) || env.some((entry) => entry.name === name) ? "" : undefined;
  return [...new Set(texts.flatMap((text) => fillVariables(text, known).missing))];
}

function listAddresses({ url, oauth }: McpServer): string[] {
  return [url, oauth?.authServerMetadataUrl].flatMap((address) => address ?? []);
}

function judgeAddress({ env, egress }: BottlePlan, written: string): string | undefined {
  let isFromEnv = false;
  const { filled, missing } = fillVariables(written, (name) => {
    const entry = env.find((one) => one.name === name);
    if (entry) isFromEnv = true;
    if (entry?.kind === "literal" && entry.hosts === undefined) return entry.value.reveal();
    return entry || ownVariables.has(name) ? unknown : undefined;
  });
  const address = URL.parse(filled);
  // What is missing is told, and what is known later cannot be judged now
  if (!address)
    return missing.length > 0 || filled.includes(unknown) ? undefined : "its url is not an address";
  if (address.host.includes(unknown) || address.host.includes("$")) return undefined;
  if (isInBottle(address.hostname)) return undefined;
  const [protocol, usualPort] = protocols[address.protocol] ?? [];
  if (protocol === undefined || usualPort === undefined)
    return `${address.protocol}// goes without TLS, which the gate does not let through; use wss://`;
  const port = Number(address.port || usualPort);
  const isGranted = egress.destinations.some(
    (one) => one.port === port && one.protocol === protocol && matchesHostPattern(address.hostname, one.host),
  );
  if (isGranted) return undefined;
  // A value of env is not shown, not even a literal one
  return isFromEnv ? "the host of its url is not allowed" : `${address.hostname}:${port} is not allowed`;
}

/** Not by the proxy, and to a server that the bottle itself runs */
function isInBottle(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
