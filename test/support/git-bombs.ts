/** Bundles of a few thousand bytes whose objects are gigabytes, or become millions of files: pack files written by hand (gitformat-pack(5)). */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

const kinds = { commit: 1, tree: 2, blob: 3 } as const;
type Kind = keyof typeof kinds;

export class PackWriter {
  readonly #parts: Buffer[] = [];
  #bytes = 12;
  #count = 0;

  /** Gives the object's id. */
  add(kind: Kind, content: Buffer): string {
    this.#push(Buffer.concat([entryHead(kinds[kind], content.length), deflateSync(content, { level: 1 })]));
    return idOf(kind, [content]);
  }

  /** A blob of zeros, as differences on top of each other, each of which is so many times what is below it. Gives its id. */
  addRepeated(firstBytes: number, times: readonly number[]): string {
    let at = this.#push(
      Buffer.concat([entryHead(kinds.blob, firstBytes), deflateSync(Buffer.alloc(firstBytes))]),
    );
    let size = firstBytes;
    for (const count of times) {
      const difference = copyAll(size, count);
      const head = Buffer.concat([entryHead(6, difference.length), backwards(this.#bytes - at)]);
      size *= count;
      at = this.#push(Buffer.concat([head, deflateSync(difference)]));
    }
    return idOf("blob", repeat(Buffer.alloc(firstBytes), size / firstBytes));
  }

  /** Gives the commit's id. */
  addCommit(tree: string, parent?: string): string {
    const who = "A <a@example.invalid> 1 +0000";
    const above = parent === undefined ? "" : `parent ${parent}\n`;
    return this.add("commit", Buffer.from(`tree ${tree}\n${above}author ${who}\ncommitter ${who}\n\nBomb\n`));
  }

  addTree(entries: readonly { mode: "100644" | "40000"; name: string; id: string }[]): string {
    const parts = entries.map(({ mode, name, id }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]),
    );
    return this.add("tree", Buffer.concat(parts));
  }

  /** A bundle that needs nothing, with `refs/heads/main` at this commit. */
  bundle(commit: string): Buffer {
    const head = Buffer.alloc(12, "PACK");
    head.writeUInt32BE(2, 4);
    head.writeUInt32BE(this.#count, 8);
    const pack = Buffer.concat([head, ...this.#parts]);
    const text = Buffer.from(`# v2 git bundle\n${commit} refs/heads/main\n\n`);
    return Buffer.concat([text, pack, createHash("sha1").update(pack).digest()]);
  }

  #push(entry: Buffer): number {
    const at = this.#bytes;
    this.#parts.push(entry);
    this.#bytes += entry.length;
    this.#count += 1;
    return at;
  }
}

function repeat(data: Buffer, times: number): Buffer[] {
  return Array.from({ length: times }, () => data);
}

function idOf(kind: Kind, pieces: readonly Buffer[]): string {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const hash = createHash("sha1").update(`${kind} ${size}\0`);
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function entryHead(kind: number, size: number): Buffer {
  const bytes: number[] = [];
  let next = (kind << 4) | (size & 15);
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes.push(next | 128);
    next = left & 127;
  }
  return Buffer.from([...bytes, next]);
}

function sizeWord(size: number): Buffer {
  const bytes: number[] = [];
  let left = size;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

function backwards(distance: number): Buffer {
  const bytes = [distance & 127];
  for (let left = distance >>> 7; left > 0; left >>>= 7) {
    left -= 1;
    bytes.unshift((left & 127) | 128);
  }
  return Buffer.from(bytes);
}

/** Copies all of what is below it, so many times. */
function copyAll(size: number, count: number): Buffer {
  const most = 0xff_ffff;
  const copies: Buffer[] = [];
  for (let time = 0; time < count; time += 1)
    for (let at = 0; at < size; at += most) {
      const copy = Buffer.alloc(8, 0xff);
      copy.writeUInt32LE(at, 1);
      copy.writeUIntLE(Math.min(most, size - at), 5, 3);
      copies.push(copy);
    }
  return Buffer.concat([sizeWord(size), sizeWord(count * size), ...copies]);
}

/** A tree that leads to `width` to the power of `levels` files, and has but `levels` trees. */
export function addTreeBomb(pack: PackWriter, width: number, levels: number): string {
  const names = Array.from({ length: width }, (_, at) => `d${String(at).padStart(3, "0")}`);
  let id = pack.add("blob", Buffer.from("x"));
  for (let level = 0; level < levels; level += 1) {
    const [mode, below] = [level === 0 ? ("100644" as const) : ("40000" as const), id];
    id = pack.addTree(names.map((name) => ({ mode, name, id: below })));
  }
  return id;
}
