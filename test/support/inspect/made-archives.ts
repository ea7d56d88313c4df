/** Archives as the usual programs write them, of files that a test names. */
import { createHash } from "node:crypto";
import { crc32, deflateRawSync, deflateSync, gzipSync } from "node:zlib";

export type Files = readonly (readonly [name: string, content: Buffer | string])[];

function field(value: number, bytes: 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

/** A zip, deflated: what a wheel, a document of an office program and a Java archive are. */
export function zip(files: Files): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const bytes = Buffer.from(content as string);
    const packed = deflateRawSync(bytes);
    const described = Buffer.concat([
      field(20, 2),
      field(0, 2),
      field(8, 2),
      field(0, 4),
      field(crc32(bytes), 4),
      field(packed.length, 4),
      field(bytes.length, 4),
      field(name.length, 2),
      field(0, 2),
    ]);
    const entry = Buffer.concat([Buffer.from("PK\x03\x04"), described, Buffer.from(name), packed]);
    entries.push(entry);
    directory.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02"),
        field(20, 2),
        described,
        Buffer.alloc(10),
        field(at, 4),
        Buffer.from(name),
      ]),
    );
    at += entry.length;
  }
  const index = Buffer.concat(directory);
  const end = [
    field(0, 4),
    field(files.length, 2),
    field(files.length, 2),
    field(index.length, 4),
    field(at, 4),
  ];
  return Buffer.concat([...entries, index, Buffer.from("PK\x05\x06"), ...end, field(0, 2)]);
}

/** A tar, compressed: a source package, a layer of an image, what npm publishes. */
export function tarball(files: Files): Buffer {
  const blocks = files.flatMap(([name, content]) => {
    const bytes = Buffer.from(content as string);
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write("0000644\x000000000\x000000000\x00", 100);
    head.write(`${bytes.length.toString(8).padStart(11, "0")}\x0014510000000\0        0`, 124);
    head.write("ustar\x0000", 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1_024)]));
}

/** The body of a push over HTTP: one branch, and a pack of whole objects. */
export function gitPush(objects: readonly (readonly [type: 1 | 3 | 4, content: Buffer | string])[]): Buffer {
  const packed = objects.flatMap(([type, content]) => {
    const bytes = Buffer.from(content as string);
    const head = [(type << 4) | (bytes.length & 15)];
    for (let left = bytes.length >> 4; left > 0; left >>= 7) {
      head[head.length - 1] = (head.at(-1) ?? 0) | 0x80;
      head.push(left & 0x7f);
    }
    return [Buffer.from(head), deflateSync(bytes)];
  });
  const count = Buffer.alloc(8);
  count.writeUInt32BE(2, 0);
  count.writeUInt32BE(objects.length, 4);
  const pack = Buffer.concat([Buffer.from("PACK"), count, ...packed]);
  const update = `${"0".repeat(40)} ${"1f".repeat(20)} refs/heads/main\0 report-status side-band-64k agent=git/2.43.0`;
  const line = `${(update.length + 4).toString(16).padStart(4, "0")}${update}0000`;
  return Buffer.concat([Buffer.from(line), pack, createHash("sha1").update(pack).digest()]);
}

const numbered = (field: number, wire: number) => Buffer.from([(field << 3) | wire]);

function varint(value: number): Buffer {
  const bytes = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** A protobuf message of text fields, numbered from 1; a message may be a field of another. */
export function protobuf(...fields: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((one, at) => {
      const bytes = Buffer.from(one as string);
      return [numbered(at + 1, 2), varint(bytes.length), bytes];
    }),
  );
}
