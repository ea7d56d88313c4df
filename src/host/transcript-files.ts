/**
 * Unpacks claude's record of its sessions, as a bottle sent it. The archive is hostile, so we read it ourselves: plain files with
 * plain names come out, created anew in an empty folder and readable by the user alone. Everything else is left out.
 */
import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeWhole } from "./files.ts";

const block = 512;
const maxFiles = 5_000;
const maxHeaders = 50_000;
const maxNameBytes = 64 * 1024;

interface Header {
  readonly name: string;
  readonly size: number;
  /** `0` file, `x` attributes of the next one */
  readonly type: string;
  readonly changedAt: Date;
}

/** A file in the archive */
interface Found {
  readonly name: string;
  /** Where its content begins */
  readonly at: number;
  readonly size: number;
  readonly changedAt: Date;
}

/**
 * Returns the names of the files that came out, those written last first. With a `root` only what stands in that folder comes out, and
 * is named from there.
 */
export async function unpackTranscript(archive: string, folder: string, root?: string): Promise<string[]> {
  const file = await open(archive, "r");
  const names: string[] = [];
  try {
    const found = await listFiles(file, root === undefined ? "" : `${root}/`);
    // Of equal ones the first in the archive stays the first
    for (const one of found.toSorted((a, b) => b.changedAt.getTime() - a.changedAt.getTime())) {
      if (names.length >= maxFiles) break;
      if (await copyOut(file, one, join(folder, one.name))) names.push(one.name);
    }
  } finally {
    await file.close();
  }
  return names;
}

/** Plain files with plain names. */
async function listFiles(file: FileHandle, prefix: string): Promise<Found[]> {
  const found: Found[] = [];
  let at = 0;
  let override: { name?: string; size?: number } = {};
  for (let count = 0; count < maxHeaders; count += 1) {
    const header = await readHeader(file, at);
    if (!header) break;
    const size = header.type === "x" ? header.size : (override.size ?? header.size);
    const content = at + block;
    at = content + Math.ceil(size / block) * block;
    if (header.type === "x") override = await readAttributes(file, content, size);
    else {
      const name = override.name ?? header.name;
      override = {};
      if (header.type !== "0" || !name.startsWith(prefix) || !isPlainName(name.slice(prefix.length)))
        continue;
      found.push({ name: name.slice(prefix.length), at: content, size, changedAt: header.changedAt });
    }
  }
  return found;
}

/** Claude's own names: folders called after paths, files after ids. */
function isPlainName(name: string): boolean {
  return (
    name.length <= 400 &&
    /^[A-Za-z0-9._@ -]+(?:\/[A-Za-z0-9._@ -]+)*$/.test(name) &&
    name.split("/").every((part) => part.length <= 200 && !/^\.|[. ]$/.test(part))
  );
}

async function readHeader(file: FileHandle, at: number): Promise<Header | undefined> {
  const bytes = Buffer.alloc(block);
  const { bytesRead } = await file.read(bytes, 0, block, at);
  if (bytesRead < block || bytes[0] === 0) return undefined;
  const text = (start: number, length: number) =>
    bytes.toString("utf8", start, start + length).replace(/\0.*$/s, "");
  const number = (start: number, length: number) => Number.parseInt(text(start, length).trim() || "0", 8);
  const size = number(124, 12);
  // Numbers in base 256 are for sizes that we do not take
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
  const name = prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
  return { name, size, type: text(156, 1) || "0", changedAt: new Date((number(136, 12) || 0) * 1000) };
}

/** `length key=value\n` records; only the name and the size matter. */
async function readAttributes(
  file: FileHandle,
  at: number,
  size: number,
): Promise<{ name?: string; size?: number }> {
  if (size > maxNameBytes) return {};
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, at);
  const found: { name?: string; size?: number } = {};
  for (let start = 0; start < size;) {
    const length = Number.parseInt(bytes.toString("latin1", start, start + 12), 10);
    if (!(length > 0)) break;
    const record = bytes.toString("utf8", start, start + length - 1);
    const [, key, value = ""] = /^\d+ ([^=]+)=(.*)$/s.exec(record) ?? [];
    if (key === "path") found.name = value;
    if (key === "size" && /^\d{1,12}$/.test(value)) found.size = Number(value);
    start += length;
  }
  return found;
}

/** False for a name that another one has taken, such as one that differs in case only where case does not count. */
async function copyOut(source: FileHandle, { at, size, changedAt }: Found, path: string): Promise<boolean> {
  let target: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    target = await open(path, "wx", 0o600);
  } catch {
    return false;
  }
  try {
    const buffer = Buffer.alloc(256 * 1024);
    for (let done = 0; done < size;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - done), at + done);
      if (bytesRead === 0) break;
      await writeWhole(target, buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    await target.utimes(changedAt, changedAt);
  } finally {
    await target.close();
  }
  return true;
}
