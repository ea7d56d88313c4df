/** Reads the frames of a WebSocket (RFC 6455) as they come, in pieces of any size, and gives what is in them. */

/** The bytes are no frames of a client. */
class NotFrames extends Error {}

const longestHead = 14;

export class FrameReader {
  #head: Buffer = Buffer.alloc(0);
  #left = 0;
  #mask: Buffer = Buffer.alloc(4);
  #at = 0;

  /** The payload in these bytes, without its mask. Throws a `NotFrames`. */
  read(chunk: Buffer): Buffer {
    const parts: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        at = this.#readHead(chunk, at);
        continue;
      }
      const end = Math.min(chunk.length, at + this.#left);
      const part = Buffer.from(chunk.subarray(at, end));
      for (let index = 0; index < part.length; index += 1)
        part[index] = (part[index] as number) ^ (this.#mask[(this.#at + index) & 3] as number);
      this.#at += part.length;
      this.#left -= part.length;
      parts.push(part);
      at = end;
    }
    return Buffer.concat(parts);
  }

  /** Where the head ends, as far as it is there. */
  #readHead(chunk: Buffer, from: number): number {
    const before = this.#head.length;
    const head = Buffer.concat([this.#head, chunk.subarray(from, from + longestHead - before)]);
    const length = measureHead(head);
    if (length === undefined || head.length < length) {
      this.#head = head;
      return from + head.length - before;
    }
    const short = (head[1] ?? 0) & 0x7f;
    const size =
      short === 126 ? head.readUInt16BE(2) : short === 127 ? Number(head.readBigUInt64BE(2)) : short;
    this.#mask = Buffer.from(head.subarray(length - 4, length));
    this.#left = size;
    this.#at = 0;
    this.#head = Buffer.alloc(0);
    return from + length - before;
  }
}

/** Bytes of a head; undefined as long as that cannot be told. */
function measureHead(head: Buffer): number | undefined {
  const [first, second] = head;
  if (first !== undefined && (first & 0x70) !== 0)
    throw new NotFrames("a frame is compressed or of an unknown kind");
  if (second === undefined) return undefined;
  // RFC 6455 §5.1: whatever a client sends is masked
  if ((second & 0x80) === 0) throw new NotFrames("a frame is not masked");
  const short = second & 0x7f;
  return 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
}
