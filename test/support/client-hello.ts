/** Makes ClientHello messages byte by byte, honest and otherwise, for tests of the gate. */

export interface HelloOptions {
  /** Every entry becomes one name in the server name list; undefined leaves the extension out */
  readonly serverNames?: readonly string[];
  /** Repeats the whole server name extension */
  readonly repeats?: number;
  /** Longest payload of one TLS record */
  readonly recordBytes?: number;
  /** Bytes of a padding extension */
  readonly padding?: number;
  /** More of them: number and content */
  readonly extensions?: readonly (readonly [type: number, body: Buffer])[];
  /** Behind the list of extensions */
  readonly rest?: Buffer;
}

/** TLS records that hold one ClientHello. */
export function makeClientHello({
  serverNames,
  repeats = 1,
  recordBytes = 16_384,
  padding = 0,
  extensions: more = [],
  rest = Buffer.alloc(0),
}: HelloOptions): Buffer {
  const sni = serverNames
    ? Array.from({ length: repeats }, () => extension(0, serverNameList(serverNames)))
    : [];
  const extensions = Buffer.concat([
    extension(0x002b, Buffer.from([2, 3, 4])),
    ...sni,
    ...more.map(([type, content]) => extension(type, content)),
    extension(21, Buffer.alloc(padding)),
  ]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    withLength(1, Buffer.alloc(32, 9)),
    withLength(2, Buffer.from([0x13, 0x01])),
    withLength(1, Buffer.from([0])),
    withLength(2, extensions),
    rest,
  ]);
  return makeRecords(Buffer.concat([Buffer.from([1]), withLength(3, body)]), recordBytes);
}

/** Cuts a handshake message into TLS records. */
export function makeRecords(handshake: Buffer, recordBytes: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += recordBytes) {
    records.push(Buffer.from([22, 3, 1]), withLength(2, handshake.subarray(at, at + recordBytes)));
  }
  return Buffer.concat(records);
}

function serverNameList(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    Buffer.concat([Buffer.from([0]), withLength(2, Buffer.from(name, "latin1"))]),
  );
  return withLength(2, Buffer.concat(entries));
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 255]), withLength(2, body)]);
}

function withLength(width: number, bytes: Buffer): Buffer {
  const length = Buffer.alloc(width);
  length.writeUIntBE(bytes.length, 0, width);
  return Buffer.concat([length, bytes]);
}
