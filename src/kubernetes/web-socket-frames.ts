/**
 * WebSocket frames (RFC 6455), as far as a client of the Kubernetes API needs them.
 *
 *   byte 0      0x80 the last of its message, 0x70 reserved, 0x0f what it is
 *   byte 1      0x80 masked (what a client sends, and only that), 0x7f length; 126: two bytes more, 127: eight bytes more
 *   bytes       four bytes of mask, if it is masked; the payload
 */

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

type SentKind = "binary" | "close" | "ping" | "pong";

/** A piece of a message, as it came: `isFirst` tells where a message begins. Control frames come whole. */
export type IncomingFrame =
  | {
      readonly kind: "message";
      readonly data: Uint8Array;
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  | { readonly kind: "close" | "ping" | "pong"; readonly data: Uint8Array };

/** What is no WebSocket, or none that may be spoken to a client */
export class FrameError extends Error {}

/** One whole message, masked with four bytes of chance. */
export function encodeFrame(kind: SentKind, data: Uint8Array, mask: Uint8Array): Uint8Array {
  const size = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(2 + size + 4 + data.length);
  frame[0] = 0x80 | opcodes[kind];
  frame[1] = 0x80 | (size === 0 ? data.length : size === 2 ? 126 : 127);
  if (size === 2) frame.writeUInt16BE(data.length, 2);
  if (size === 8) frame.writeBigUInt64BE(BigInt(data.length), 2);
  frame.set(mask, 2 + size);
  const at = 6 + size;
  for (let index = 0; index < data.length; index++)
    frame[at + index] = (data[index] ?? 0) ^ (mask[index & 3] ?? 0);
  return frame;
}

/** A control frame has at most 125 bytes */
const maxControl = 125;
/** Two bytes, and the longest length behind them */
const longestHead = 10;

interface OpenFrame {
  readonly opcode: number;
  readonly isLast: boolean;
  /** Bytes that are still to come */
  left: number;
}

/** Takes the frames of one connection apart, wherever its pieces were cut. */
export class FrameReader {
  #head = Buffer.alloc(0);
  #frame: OpenFrame | undefined;
  #control = Buffer.alloc(0);
  /** Between the first and the last frame of a message */
  #isInside = false;
  /** Nothing of the present message has been handed on */
  #isFirst = true;

  /** Throws `FrameError`. */
  read(piece: Uint8Array): IncomingFrame[] {
    const frames: IncomingFrame[] = [];
    let rest = this.#head.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#head, piece]);
    for (;;) {
      const used = this.#frame ? 0 : this.#begin(rest);
      const frame = this.#frame;
      if (!frame) break;
      const data = rest.subarray(used, used + frame.left);
      rest = rest.subarray(used + data.length);
      frame.left -= data.length;
      if (data.length > 0 || frame.left === 0) frames.push(...this.#take(data, frame));
      if (frame.left > 0) break;
      this.#frame = undefined;
    }
    this.#head = rest;
    return frames;
  }

  /** How many bytes a head takes; without a frame until it is whole. */
  #begin(bytes: Buffer): number {
    const head = readHead(bytes);
    if (!head) return 0;
    const { opcode, isLast, length } = head;
    if (opcode < opcodes.close) {
      if ((opcode === opcodes.continuation) !== this.#isInside)
        throw new FrameError("a message inside another");
      if (!this.#isInside) this.#isFirst = true;
      this.#isInside = !isLast;
    }
    this.#frame = { opcode, isLast, left: length };
    this.#control = Buffer.alloc(0);
    return head.used;
  }

  #take(data: Uint8Array, { opcode, isLast, left }: OpenFrame): IncomingFrame[] {
    if (opcode >= opcodes.close) {
      this.#control = Buffer.concat([this.#control, data]);
      return left > 0 ? [] : [{ kind: controlKind(opcode), data: this.#control }];
    }
    const isEnd = isLast && left === 0;
    if (data.length === 0 && !isEnd) return [];
    const frame = { kind: "message", data, isFirst: this.#isFirst, isLast: isEnd } as const;
    this.#isFirst = false;
    return [frame];
  }
}

/** Undefined until all of it is there. */
function readHead(bytes: Buffer) {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  if (first & 0x70) throw new FrameError("reserved bits are set");
  if (second & 0x80) throw new FrameError("a server must not mask what it sends");
  if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close))
    throw new FrameError("a frame of a kind that there is not");
  const short = second & 0x7f;
  const used = short < 126 ? 2 : short === 126 ? 4 : longestHead;
  if (bytes.length < used) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const isLast = (first & 0x80) !== 0;
  if (opcode >= opcodes.close && (length > maxControl || !isLast))
    throw new FrameError("a control frame that is long or cut");
  return { opcode, isLast, length, used };
}

function controlKind(opcode: number): "close" | "ping" | "pong" {
  if (opcode === opcodes.close) return "close";
  return opcode === opcodes.ping ? "ping" : "pong";
}
