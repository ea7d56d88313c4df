/** What is in git's packs and in zip archives that are there as a whole: commits and files that are pushed, entries that are uploaded. */
import * as zlib from "node:zlib";

/** Of one archive, opened */
const mostBytes = 4 * 1024 * 1024;
const mostEntries = 2_000;

interface Opened {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
type Open = (bytes: Buffer, options: { readonly info: true; readonly maxOutputLength: number }) => Opened;
const inflate = zlib.inflateSync as unknown as Open;
const inflateRaw = zlib.inflateRawSync as unknown as Open;

const packMagic = Buffer.from("PACK\0\0\0\x02", "latin1");
const zipMagic = Buffer.from("PK\x03\x04", "latin1");
const packHeader = 12;
const zipHeader = 30;
/** Kinds of objects that are written as what differs from another one */
const offsetDelta = 6;
const namedDelta = 7;

/** The contents, one after the other; none if it is no archive. What is damaged is read as far as it goes. */
export function readArchive(bytes: Buffer): Buffer[] {
  const pack = bytes.indexOf(packMagic);
  const zip = pack >= 0 ? -1 : bytes.indexOf(zipMagic);
  const parts = pack >= 0 ? readPack(bytes, pack) : zip >= 0 ? readZip(bytes, zip) : [];
  return parts.length === 0 ? [] : [Buffer.concat(parts)];
}

/** https://git-scm.com/docs/pack-format */
function readPack(bytes: Buffer, start: number): Buffer[] {
  return readAll((found) => {
    const count = bytes.readUInt32BE(start + packHeader - 4);
    let at = start + packHeader;
    for (let index = 0; index < count && found.mayGoOn(); index += 1) {
      const kind = (bytes.readUInt8(at) >> 4) & 7;
      at = skipNumber(bytes, at);
      if (kind === offsetDelta) at = skipNumber(bytes, at);
      if (kind === namedDelta) at += 20;
      at += found.add(inflate, bytes.subarray(at));
    }
  });
}

/** APPNOTE 4.3.7; where an entry's size stands after it only, the compressed text says where it ends */
function readZip(bytes: Buffer, start: number): Buffer[] {
  return readAll((found) => {
    let at = start;
    while (at >= 0 && found.mayGoOn()) {
      const method = bytes.readUInt16LE(at + 8);
      const size = bytes.readUInt32LE(at + 18);
      const from = at + zipHeader + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
      const read = method === 8 ? found.add(inflateRaw, bytes.subarray(from)) : size;
      at = bytes.indexOf(zipMagic, from + read);
    }
  });
}

interface Found {
  mayGoOn(): boolean;
  /** Opens what begins here and gives how long it was */
  add(open: Open, bytes: Buffer): number;
}

function readAll(read: (found: Found) => void): Buffer[] {
  const parts: Buffer[] = [];
  let left = mostBytes;
  try {
    read({
      mayGoOn: () => left > 0 && parts.length < mostEntries,
      add(open, bytes) {
        const { buffer, engine } = open(bytes, { info: true, maxOutputLength: left });
        left -= buffer.length;
        parts.push(buffer, Buffer.from("\n"));
        return engine.bytesWritten;
      },
    });
  } catch {
    // Cut off, damaged, or too much
  }
  return parts;
}

/** Seven bits a byte, the last one without the eighth. */
function skipNumber(bytes: Buffer, at: number): number {
  let end = at;
  while (bytes.readUInt8(end) > 0x7f) end += 1;
  return end + 1;
}
