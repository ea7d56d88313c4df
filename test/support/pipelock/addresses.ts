/** Address ranges: which are internal, which a range covers, and the spellings that hide an address. */
import { BlockList, isIP, isIPv6 } from "node:net";
import { Failure } from "./failure.ts";

/** Never removable: own, private, shared (Tailscale), link-local with metadata services, multicast */
const coreRanges = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "224.0.0.0/4",
  "::/128",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];

export interface AddressRules {
  isInternal(address: string): boolean;
  isAllowlisted(address: string): boolean;
}

/** The built-in ranges, and those of `internal:` on top. */
export function makeAddressRules(internal: readonly string[], allowlist: readonly string[]): AddressRules {
  const blocked = makeList([...coreRanges, ...internal]);
  const allowed = makeList(allowlist);
  return {
    isInternal: (address) => isIn(address, blocked),
    isAllowlisted: (address) => isIn(address, allowed),
  };
}

/** True if the second range lies within one of the first. */
export function coversRange(ranges: readonly string[], wanted: string): boolean {
  const [address = "", bits = "0"] = wanted.split("/");
  return ranges.some(
    (range) => Number(range.split("/")[1]) <= Number(bits) && isIn(address, makeList([range])),
  );
}

/** Refuses what is no CIDR; with `narrow` also every address and host bits that are set. */
export function checkCidr(cidr: string, label: string, narrow?: "narrow"): void {
  const quoted = JSON.stringify(cidr);
  const [, address = "", digits = ""] = /^([0-9a-fA-F.:]+)\/(0|[1-9]\d{0,2})$/.exec(cidr) ?? [];
  const family = isIP(address);
  const bits = Number(digits);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) {
    throw new Failure(`invalid ${label} ${quoted}: invalid CIDR address: ${cidr}`);
  }
  if (!narrow) return;
  if (bits === 0) {
    throw new Failure(`${label} ${quoted} is a catch-all (/0) and would disable SSRF protection`);
  }
  const value = BigInt(`0x${addressBytes(address).toString("hex")}`);
  const width = BigInt((family === 4 ? 32 : 128) - bits);
  if ((value >> width) << width !== value) {
    throw new Failure(`${label} ${quoted} has host bits set`);
  }
}

/** The address behind hexadecimal, octal and decimal spellings; undefined for names and for plain addresses. */
export function readHiddenIpv4(host: string): string | undefined {
  const parts = host.split(".");
  const number = /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i;
  if (isIP(host) !== 0 || !parts.every((part) => number.test(part))) return undefined;
  const values = parts.map((part) => (/^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  if (parts.length === 4) return values.every((value) => value <= 255) ? values.join(".") : undefined;
  const [value = 0] = values;
  if (parts.length !== 1 || value > 0xffff_ffff) return undefined;
  return [24, 16, 8, 0].map((shift) => (value / 2 ** shift) & 255).join(".");
}

function isIn(address: string, list: BlockList): boolean {
  const plain = address.split("%")[0] ?? "";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
  return list.check(mapped, isIPv6(mapped) ? "ipv6" : "ipv4");
}

function makeList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    list.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return list;
}

/** Network order, 4 or 16 bytes. */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes every address in one form, with hexadecimal groups only
  const [head = "", tail = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  return Buffer.from([...front, ...zeros, ...back].map((group) => group.padStart(4, "0")).join(""), "hex");
}
