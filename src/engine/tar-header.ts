/**
 * Headers of tar entries as GNU tar writes them (https://www.gnu.org/software/tar/manual/html_node/Standard.html). Written here and not by a
 * library: names of files are bytes, and every one that was looked at takes them as text.
 */

export type TarKind = "file" | "directory" | "symlink";

export interface TarHeader {
  readonly name: Uint8Array;
  readonly kind: TarKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content, which follow and are padded to `tarBlock` */
  readonly size: number;
  /** Seconds since 1970; what no engine can set is brought within its bounds */
  readonly seconds: number;
  readonly linkTarget?: Uint8Array | undefined;
}

export const tarBlock = 512;

const typeFlags: Readonly<Record<TarKind, string>> = { file: "0", directory: "5", symlink: "2" };
const maxNameBytes = 100;
/** Eleven octal digits; more is written in base 256 */
const maxOctal = 0o77777777777;

/** The header, and before it those that a long name or a long target needs. */
export function renderTarHeader(header: TarHeader): Uint8Array {
  const { name, linkTarget } = header;
  const blocks: Uint8Array[] = [];
  if (name.length > maxNameBytes) blocks.push(...renderLong("L", name));
  if (linkTarget && linkTarget.length > maxNameBytes) blocks.push(...renderLong("K", linkTarget));
  blocks.push(renderBlock(header, typeFlags[header.kind]));
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

/** How many zeros follow a content of `size` bytes. */
export function tarPadding(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock;
}

function renderLong(flag: "L" | "K", text: Uint8Array): Uint8Array[] {
  const content = new Uint8Array(text.length + 1 + tarPadding(text.length + 1));
  content.set(text);
  const name = new TextEncoder().encode("././@LongLink");
  const header = {
    name,
    kind: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: text.length + 1,
    seconds: 0,
  } as const;
  return [renderBlock(header, flag), content];
}

function renderBlock(header: TarHeader, flag: string): Uint8Array {
  const block = new Uint8Array(tarBlock);
  block.set(header.name.subarray(0, maxNameBytes), 0);
  writeOctal(block, 100, 8, header.mode & 0o7777);
  writeOctal(block, 108, 8, header.uid);
  writeOctal(block, 116, 8, header.gid);
  writeSize(block, header.size);
  writeOctal(block, 136, 12, Math.min(Math.max(Math.floor(header.seconds), 0), maxOctal));
  block[156] = flag.charCodeAt(0);
  if (header.linkTarget) block.set(header.linkTarget.subarray(0, maxNameBytes), 157);
  block.set(new TextEncoder().encode("ustar  \0"), 257);
  // The sum counts its own field as spaces
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  writeOctal(block, 148, 7, sum);
  return block;
}

/** Digits and a NUL. */
function writeOctal(block: Uint8Array, at: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, "0");
  for (let index = 0; index < digits.length; index += 1) block[at + index] = digits.charCodeAt(index);
  block[at + length - 1] = 0;
}

function writeSize(block: Uint8Array, size: number): void {
  if (size <= maxOctal) return writeOctal(block, 124, 12, size);
  block[124] = 0x80;
  for (let index = 11, left = size; index > 0; index -= 1, left = Math.floor(left / 256))
    block[124 + index] = left % 256;
}
