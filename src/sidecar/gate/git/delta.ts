/** An object that is written as what differs from another one: https://git-scm.com/docs/pack-format#_deltified_representation */
import { tooLarge, unreadable } from "./pack.ts";

const usualCopy = 0x10000;

/** Makes the object out of its base. Looks at its size before there is any of it. Throws a `GitProblem`. */
export function applyDelta(base: Buffer, delta: Buffer, mostBytes: number): Buffer {
  const reader = { bytes: delta, at: 0 };
  if (readNumber(reader) !== base.length) throw unreadable("an object builds on one of another size");
  const size = readNumber(reader);
  if (size > mostBytes) throw tooLarge(`a file has more than ${mostBytes / 1024 / 1024} MiB`);
  const result = Buffer.allocUnsafe(size);
  let filled = 0;
  const take = (source: Buffer, from: number, length: number) => {
    if (length === 0 || from + length > source.length || filled + length > size) throw outOfPlace();
    source.copy(result, filled, from, from + length);
    filled += length;
  };
  while (reader.at < delta.length) {
    const code = readByte(reader);
    if (code === 0) throw outOfPlace();
    if (code & 0x80) take(base, readBits(reader, code & 15), readBits(reader, (code >> 4) & 7) || usualCopy);
    else {
      take(delta, reader.at, code);
      reader.at += code;
    }
  }
  if (filled !== size) throw outOfPlace();
  return result;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function outOfPlace() {
  return unreadable("an object copies what is not there");
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.at];
  if (byte === undefined) throw unreadable("an object ends too early");
  reader.at += 1;
  return byte;
}

/** A byte for each bit that is set, the lowest first. */
function readBits(reader: Reader, mask: number): number {
  let value = 0;
  for (let index = 0; index < 4; index += 1)
    if (mask & (1 << index)) value += readByte(reader) * 256 ** index;
  return value;
}

function readNumber(reader: Reader): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = readByte(reader);
    value += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(value)) throw unreadable("an object has no size");
    if (!(byte & 0x80)) return value;
  }
}
