/**
 * The server name in the first bytes of a tunnel. Unlike our own gate's reader this one takes a ClientHello in one record only,
 * and counts everything else that begins like TLS as malformed.
 */

export type Hello =
  | { readonly kind: "partial" }
  | { readonly kind: "not-tls" }
  | { readonly kind: "malformed" }
  /** Undefined without the extension, which passes */
  | { readonly kind: "hello"; readonly name: string | undefined };

const handshake = 0x16;
const clientHello = 1;
const maxBytes = 16_384;
const headerBytes = 5;

export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { kind: "partial" };
  if (bytes[0] !== handshake) return { kind: "not-tls" };
  if (bytes.length < headerBytes) return { kind: "partial" };
  const end = headerBytes + bytes.readUInt16BE(3);
  if (end > maxBytes) return { kind: "malformed" };
  if (bytes.length < end) return { kind: "partial" };
  try {
    return { kind: "hello", name: findName(new Cursor(bytes.subarray(headerBytes, end))) };
  } catch {
    return { kind: "malformed" };
  }
}

function findName(record: Cursor): string | undefined {
  if (record.number(1) !== clientHello) throw new Error("another message");
  const hello = record.block(3);
  hello.take(2 + 32);
  hello.block(1);
  hello.block(2);
  hello.block(1);
  if (hello.left < 2) return undefined;
  const extensions = hello.block(2);
  while (extensions.left >= 4) {
    const type = extensions.number(2);
    const body = extensions.block(2);
    if (type !== 0) continue;
    const names = body.block(2);
    while (names.left >= 3) {
      const kind = names.number(1);
      const name = names.block(2);
      if (kind === 0) return name.take(name.left).toString("latin1").replace(/\.$/, "") || undefined;
    }
    return undefined;
  }
  return undefined;
}

/** Walks over the bytes; throws at their end. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer {
    if (length > this.left) throw new Error("cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(width: number): number {
    return this.take(width).readUIntBE(0, width);
  }

  /** What a length in front announces */
  block(width: number): Cursor {
    return new Cursor(this.take(this.number(width)));
  }
}
