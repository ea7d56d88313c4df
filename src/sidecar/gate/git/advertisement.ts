/**
 * What a server says that it can do for a push, with what would get past the gate taken out: signed pushes, push options. With `no-thin`
 * git sends packs that have all they need, so that the gate can read each object.
 */
import { malformed, readPacket, writePacket } from "./pkt-line.ts";

const takenOut = /^(?:push-cert(?:=.*)?|push-options|no-thin)$/;

/** Undefined as long as the packet in question is not there; otherwise what stands in place of the first `read` bytes. Throws a `GitProblem`. */
export function rewriteAdvertisement(
  bytes: Buffer,
): { readonly read: number; readonly written: Buffer } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0, count = 0; ; count += 1) {
    const packet = readPacket(bytes, at);
    if (!packet) return undefined;
    if (count > 4 || packet.packet === "end") throw malformed("the server's list of refs cannot be read");
    at = packet.next;
    const data = packet.packet;
    const nul = typeof data === "string" ? -1 : data.indexOf(0);
    if (typeof data === "string" || nul < 0) {
      parts.push(writePacket(data));
      continue;
    }
    const capabilities = data
      .toString("latin1", nul + 1)
      .trim()
      .split(" ");
    const kept = capabilities.filter((one) => one !== "" && !takenOut.test(one));
    const line = `${data.toString("latin1", 0, nul)}\0${[...kept, "no-thin"].join(" ")}\n`;
    return { read: at, written: Buffer.concat([...parts, writePacket(line)]) };
  }
}
