/** The address ranges this machine routes, so that a bottle's networks keep clear of a VPN. */
import { readFile } from "node:fs/promises";

/** CIDRs from /proc/net/route; empty where there is none. */
export async function readHostRoutes(): Promise<string[]> {
  const table = await readFile("/proc/net/route", "utf8").catch(() => "");
  return table.split("\n").slice(1).flatMap(parseRoute);
}

/** `iface destination gateway flags … mask …`, addresses as little-endian hexadecimal */
function parseRoute(line: string): string[] {
  const fields = line.split("\t");
  const [destination, mask] = [fields[1], fields[7]];
  if (!destination || !mask) return [];
  const bytes =
    destination
      .match(/../g)
      ?.toReversed()
      .map((byte) => Number.parseInt(byte, 16)) ?? [];
  const bits = [...BigInt(`0x${mask}`).toString(2)].filter((bit) => bit === "1").length;
  return [`${bytes.join(".")}/${bits}`];
}
