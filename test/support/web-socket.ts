/** The server's side of a WebSocket, as bytes. */
import { createHash } from "node:crypto";

/** A frame as servers send it, without a mask. */
export function renderServerFrame(
  opcode: number,
  payload: string | Uint8Array,
  { isLast = true }: { readonly isLast?: boolean } = {},
): Buffer {
  const data = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const size = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  head[1] = size === 0 ? data.length : size === 2 ? 126 : 127;
  if (size === 2) head.writeUInt16BE(data.length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
  return Buffer.concat([head, data]);
}

/** A message on a channel. */
export function renderChannel(channel: number, text: string): Buffer {
  return renderServerFrame(2, Buffer.concat([Uint8Array.of(channel), Buffer.from(text)]));
}

/** What a server proves itself with. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

export interface ClientFrame {
  readonly opcode: number;
  readonly data: Buffer;
}

/** The masked frames that are whole, and what follows them. */
export function readClientFrames(bytes: Buffer): { readonly frames: ClientFrame[]; readonly rest: Buffer } {
  const frames: ClientFrame[] = [];
  let rest = bytes;
  for (;;) {
    const short = (rest[1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < head + 4) return { frames, rest };
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < head + 4 + length) return { frames, rest };
    const mask = rest.subarray(head, head + 4);
    const data = rest.subarray(head + 4, head + 4 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    frames.push({ opcode: (rest[0] ?? 0) & 0x0f, data: Buffer.from(data) });
    rest = rest.subarray(head + 4 + length);
  }
}
