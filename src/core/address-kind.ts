/**
 * What an address in text leads to, for telling people ahead what the sidecar will refuse. The sidecar's own rules decide; a test holds
 * both against the same addresses.
 */
import { isIpv4 } from "./host-name.ts";

/** `forbidden`: the machine's own and what is nobody's, which no grant opens. `private`: only for hosts under `egress.private` */
export type AddressKind = "public" | "private" | "forbidden";

type Range = readonly [address: string, bits: number];

const forbidden: readonly Range[] = [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const privateRanges: readonly Range[] = [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
];

/** Of IPv4 in decimal; undefined for anything else. */
export function kindOfIpv4(address: string): AddressKind | undefined {
  if (!isIpv4(address)) return undefined;
  const isIn = ([network, bits]: Range) =>
    toNumber(address) >>> (32 - bits) === toNumber(network) >>> (32 - bits);
  if (forbidden.some(isIn)) return "forbidden";
  return privateRanges.some(isIn) ? "private" : "public";
}

/** Of what a resolver gave. IPv6 is judged by its first group, and what embeds IPv4 by what it embeds. */
export function kindOfAddress(address: string): AddressKind {
  const plain = address.toLowerCase();
  const embedded = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  const kind = kindOfIpv4(embedded ?? plain);
  if (kind) return kind;
  if (!plain.includes(":") || plain.startsWith("::")) return "forbidden";
  const first = Number.parseInt(plain, 16);
  if (first >= 0xff00 || (first >= 0xfe80 && first <= 0xfebf)) return "forbidden";
  return first >= 0x2000 && first <= 0x3fff && !/^(?:2001:db8|3fff):/.test(plain) ? "public" : "private";
}

/** Names of the machine itself (RFC 6761), which mean the bottle when they are used inside of it. */
export function isLocalName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
