/** MCP servers that claude would not reach: their host is not granted. */
import { matchesHostPattern } from "../core/host-name.ts";
import { quote } from "../core/text.ts";
import type { BottlePlan } from "./plan.ts";

/** One sentence for each. */
export function warnOfUnreachableServers({ agent, egress }: BottlePlan): string[] {
  return Object.entries(agent.claude?.mcp ?? {}).flatMap(([name, { url }]) => {
    const address = url === undefined ? null : URL.parse(url);
    if (!address) return [];
    const port = Number(address.port || (address.protocol === "http:" ? 80 : 443));
    const isGranted = egress.destinations.some(
      (one) => one.port === port && matchesHostPattern(address.hostname, one.host),
    );
    return isGranted
      ? []
      : [`MCP server ${quote(name)} cannot be reached: ${address.hostname}:${port} is not granted`];
  });
}
