/** Which addresses a name must not lead to: private networks unless granted, and the machine's own never. */
import { BlockList, isIP } from "node:net";

/** Loopback, link-local with the cloud metadata service, unspecified, multicast, reserved, broadcast: no grant opens these */
const neverAllowed = makeList([
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  "fe80::/10",
  "ff00::/8",
]);

/**
 * What the IANA special-purpose registries call not globally reachable: RFC 1918, RFC 6598 (Tailscale), RFC 4193, documentation,
 * benchmarking, deprecated transition. Open only to hosts under `egress.private`.
 */
const privateRanges = makeList([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
]);

/** The only IPv6 space that is handed out for global use (RFC 4291 §2.4); the rest counts as private */
const globalIpv6 = makeList(["2000::/3"]);

export type AddressClass = "public" | "private" | "forbidden";

/** Classifies a textual address. Unreadable ones are forbidden, and so are those that carry an IPv4 address: they lead around a filter. */
export function classifyAddress(address: string): AddressClass {
  const plain = address.split("%")[0] ?? "";
  const family = isIP(plain);
  if (family === 0 || embeddedIpv4(plain) !== undefined) return "forbidden";
  const kind = family === 4 ? "ipv4" : "ipv6";
  if (neverAllowed.check(plain, kind)) return "forbidden";
  if (privateRanges.check(plain, kind)) return "private";
  return family === 4 || globalIpv6.check(plain, kind) ? "public" : "private";
}

/** Without those that say an IPv4 address of the list again, as a network that translates (DNS64, RFC 6147) adds one to each. */
export function withoutTranslations(addresses: readonly string[]): string[] {
  return addresses.filter((address) => !addresses.includes(embeddedIpv4(address) ?? ""));
}

/** The IPv4 address inside ::a.b.c.d, ::ffff:a.b.c.d, 64:ff9b::a.b.c.d and 2002:abcd:: (RFC 4291, 6052, 3056) */
export function embeddedIpv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const groups = expand(address);
  const tail = (from: number) => {
    const [high = 0, low = 0] = groups.slice(from, from + 2);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  };
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  if (isZero(0, 5) && groups[5] === 0xffff) return tail(6);
  if (isZero(0, 6) && (groups[6] !== 0 || (groups[7] ?? 0) > 1)) return tail(6);
  if (groups[0] === 0x64 && groups[1] === 0xff9b && isZero(2, 6)) return tail(6);
  if (groups[0] === 0x2002) return tail(1);
  return undefined;
}

function expand(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
    : address;
  const [head = "", tail] = text.split("::");
  if (tail === undefined) return parseGroups(head);
  const [front, back] = [parseGroups(head), parseGroups(tail)];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function makeList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

function parseGroups(part: string): number[] {
  return part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
}
