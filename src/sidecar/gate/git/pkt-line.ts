/** Packets of git's protocols: https://git-scm.com/docs/protocol-common#_pkt_line_format */
import { GitProblem } from "./problem.ts";

/** `flush` 0000, `delimiter` 0001, `end` 0002; anything else is data */
export type Packet = Buffer | "flush" | "delimiter" | "end";

const specials = ["flush", "delimiter", "end"] as const;
const lengthBytes = 4;
const mostBytes = 65_520;

/** What git says of a message that it cannot read. */
export function malformed(what: string): GitProblem {
  return new GitProblem("malformed", what, 400);
}

/** The packet that begins here, and where the next one does; undefined if not all of it is there. Throws a `GitProblem`. */
export function readPacket(
  bytes: Buffer,
  at: number,
): { readonly packet: Packet; readonly next: number } | undefined {
  if (bytes.length < at + lengthBytes) return undefined;
  const digits = bytes.toString("latin1", at, at + lengthBytes);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw malformed("a packet of git's has no length");
  const length = Number.parseInt(digits, 16);
  const special = specials[length];
  if (special) return { packet: special, next: at + lengthBytes };
  if (length <= lengthBytes || length > mostBytes) throw malformed("a packet of git's is empty or too long");
  if (bytes.length < at + length) return undefined;
  return { packet: bytes.subarray(at + lengthBytes, at + length), next: at + length };
}

/** All packets of a message that is there as a whole. Throws a `GitProblem` if it ends within one. */
export function readPackets(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const read = readPacket(bytes, at);
    if (!read) throw malformed("the message ends within a packet");
    packets.push(read.packet);
    at = read.next;
  }
  return packets;
}

/** The other way round. */
export function writePacket(packet: Packet | string): Buffer {
  const special = specials.indexOf(packet as (typeof specials)[number]);
  if (special >= 0) return Buffer.from(`000${special}`);
  const data = typeof packet === "string" ? Buffer.from(packet, "latin1") : packet;
  const length = (data.length + lengthBytes).toString(16).padStart(lengthBytes, "0");
  return Buffer.concat([Buffer.from(length), data]);
}

/** A line of text; git takes it with its line break and without. Throws a `GitProblem` for what is not printable. */
export function readLine(packet: Buffer): string {
  const line = packet.toString("latin1").replace(/\n$/, "");
  if (!/^[\x20-\x7e]*$/.test(line))
    throw malformed("a line of git's has characters that do not belong there");
  return line;
}
