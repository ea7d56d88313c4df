/**
 * A refused push in git's own words: `remote:` lines, and `! [remote rejected] REF (why)` for each ref. An answer of HTTP's own would be
 * shown as "Everything up-to-date".
 */
import type { RefusedRef } from "./push-rules.ts";
import type { PushHead } from "./push-head.ts";
import { writePacket } from "./pkt-line.ts";

/** Of a packet in a band; git takes up to 65515 */
const bandBytes = 8_000;
const maxReason = 200;

/**
 * The body of the answer; undefined for a client that cannot be told. A push is refused as a whole: its one pack has the objects of all
 * its refs.
 */
export function renderReport(
  { commands, capabilities }: Pick<PushHead, "commands" | "capabilities">,
  refused: readonly RefusedRef[],
  lines: readonly string[],
): Buffer | undefined {
  if (!capabilities.some((one) => one.startsWith("report-status"))) return undefined;
  const status = [
    writePacket("unpack ok\n"),
    ...commands.map(({ ref }) => {
      const reason =
        refused.find((one) => one.ref === ref)?.reason ?? "not sent, since another ref was refused";
      return writePacket(`ng ${ref} ${makePlain(reason).slice(0, maxReason)}\n`);
    }),
    writePacket("flush"),
  ];
  if (!capabilities.includes("side-band-64k")) return Buffer.concat(status);
  const told = lines.map((line) =>
    writePacket(Buffer.concat([Buffer.from([2]), Buffer.from(`${makePlain(line)}\n`)])),
  );
  return Buffer.concat([...told, ...inBand(1, Buffer.concat(status)), writePacket("flush")]);
}

function inBand(band: number, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bandBytes)
    pieces.push(writePacket(Buffer.concat([Buffer.from([band]), bytes.subarray(at, at + bandBytes)])));
  return pieces;
}

/** Names of files are hostile to a terminal. */
function makePlain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
