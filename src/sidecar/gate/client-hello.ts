/**
 * Finds the server name in the first bytes of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3), also when the ClientHello is
 * split over several records.
 */

export type HelloResult =
  /** More bytes are needed */
  { readonly kind: "partial" } | { readonly kind: "not-tls" } | ({ readonly kind: "hello" } & Hello);

interface Hello {
  /** As sent; undefined if the extension is missing */
  readonly serverName: string | undefined;
  /** Another name may be in an encrypted part */
  readonly isHiding: boolean;
  /** What the client can speak within (ALPN, RFC 7301), one character a byte; undefined if it does not say, or not in a readable form */
  readonly protocols?: readonly string[] | undefined;
}

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const protocolsExtension = 16;
/** Encrypted Client Hello (RFC 9849), its drafts that servers took, and ESNI before it */
const hidingExtensions: ReadonlySet<number> = new Set([0xfe0d, 0xfe0a, 0xfe09, 0xfe08, 0xff02, 0xffce]);
const hostNameType = 0;
/** RFC 8446 §5.1 */
const maxRecordBytes = 16_384;
/** A ClientHello with post-quantum keys takes about 2 KB; nothing honest takes more than this */
export const maxHelloBytes = 64 * 1024;

/** Reads what has come so far. Never throws: malformed input is `not-tls`. */
export function parseClientHello(bytes: Buffer): HelloResult {
  const message = joinRecords(bytes);
  if (message === "not-tls" || message === "partial") return { kind: message };
  try {
    return { kind: "hello", ...readExtensions(new Reader(message)) };
  } catch {
    return { kind: "not-tls" };
  }
}

/** The body of the ClientHello, from as many records as it takes. What follows it (early data) is of no concern here. */
function joinRecords(bytes: Buffer): Buffer | "partial" | "not-tls" {
  let handshake: Buffer = Buffer.alloc(0);
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== handshakeRecord) return "not-tls";
    if (at + 1 < bytes.length && bytes[at + 1] !== 3) return "not-tls";
    if (at + 5 > bytes.length) return "partial";
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > maxRecordBytes) return "not-tls";
    handshake = Buffer.concat([handshake, bytes.subarray(at + 5, at + 5 + length)]);
    at += 5 + length;
    if (handshake.length > 0 && handshake[0] !== clientHello) return "not-tls";
    if (handshake.length < 4) continue;
    const bodyLength = handshake.readUIntBE(1, 3);
    if (bodyLength > maxHelloBytes) return "not-tls";
    if (handshake.length >= 4 + bodyLength) return handshake.subarray(4, 4 + bodyLength);
  }
  return "partial";
}

function readExtensions(hello: Reader): Hello {
  hello.skip(2 + 32);
  hello.skip(hello.number(1));
  hello.skip(hello.number(2));
  hello.skip(hello.number(1));
  if (hello.isAtEnd) return { serverName: undefined, isHiding: false };
  const extensions = new Reader(hello.take(hello.number(2)));
  if (!hello.isAtEnd) throw new Error("more than a hello");
  let serverName: string | undefined;
  let isHiding = false;
  let protocols: readonly string[] | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const body = new Reader(extensions.take(extensions.number(2)));
    isHiding ||= hidingExtensions.has(type);
    if (type === protocolsExtension) protocols = readProtocols(body);
    if (type !== serverNameExtension) continue;
    // A second name would leave it to the server which one counts
    if (serverName !== undefined) throw new Error("two server names");
    const names = new Reader(body.take(body.number(2)));
    if (names.number(1) !== hostNameType) throw new Error("unknown name type");
    serverName = names.take(names.number(2)).toString("latin1");
    if (!names.isAtEnd || !body.isAtEnd) throw new Error("two server names");
  }
  return { serverName, isHiding, protocols };
}

/** What is odd about them is for the server to judge. */
function readProtocols(body: Reader): string[] | undefined {
  try {
    const list = new Reader(body.take(body.number(2)));
    const found: string[] = [];
    while (!list.isAtEnd) found.push(list.take(list.number(1)).toString("latin1"));
    return found;
  } catch {
    return undefined;
  }
}

/** Walks a buffer and throws at its end, so that no length is trusted. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Error("cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  skip(length: number): void {
    this.take(length);
  }

  number(width: number): number {
    return this.take(width).readUIntBE(0, width);
  }
}
