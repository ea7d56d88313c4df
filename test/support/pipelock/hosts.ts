/** Which hosts are listed, and which addresses they may lead to. */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { Config } from "./config.ts";

/** Of the documents of 2.3.0 */
const internal = makeList([
  ..."0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/4".split(
    " ",
  ),
  ..."::1/128 fc00::/7 fe80::/10 ff00::/8".split(" "),
]);

export type Place =
  | { readonly kind: "good"; readonly address: string }
  | { readonly kind: "internal"; readonly address: string }
  | { readonly kind: "unknown" };

/** `*.x` covers x itself in the allowlist, and not where hosts are passed or trusted. */
export function isListed(host: string, patterns: readonly string[], coversItself: boolean): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return patterns.some((pattern) => {
    if (!pattern.startsWith("*.")) return pattern.toLowerCase() === name;
    return name.endsWith(pattern.slice(1)) || (coversItself && name === pattern.slice(2));
  });
}

/** The first address, which alone is dialled; one internal address among them is enough to refuse. */
export async function place(host: string, config: Config): Promise<Place> {
  const addresses = isIP(host) ? [host] : await find(host);
  const granted = makeList(config.trustedNetworks);
  const bad = addresses.find((one) => checks(internal, one) && !checks(granted, one));
  if (bad !== undefined && !isListed(host, config.trustedDomains, false))
    return { kind: "internal", address: bad };
  const [address] = addresses;
  return address === undefined ? { kind: "unknown" } : { kind: "good", address };
}

async function find(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map((entry) => entry.address);
  } catch {
    return [];
  }
}

function checks(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function makeList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
