/**
 * Unpacks claude's record of its sessions, as a bottle sent it. The archive is hostile, so we take out of it ourselves: plain files with
 * plain names come out, created new in an empty folder and readable by the user alone. Everything else is left out.
 */
import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parsePax } from "../archive/pax.ts";
import { blockBytes, parseHeader } from "../archive/tar-header.ts";
import type { TarHeader } from "../archive/tar-header.ts";
import { writeWhole } from "./files.ts";

const maxFiles = 5_000;
const maxHeaders = 50_000;
const maxNameBytes = 64 * 1024;

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
  let override: { name?: string | undefined; size?: number } = {};
  for (let count = 0; count < maxHeaders; count += 1) {
    const header = await readHeader(file, at);
    if (!header) break;
    const size = header.type === "x" ? header.size : (override.size ?? header.size);
    const content = at + blockBytes;
    at = content + Math.ceil(size / blockBytes) * blockBytes;
    if (header.type === "x") override = await readAttributes(file, content, size);
    else {
      const name = override.name ?? header.name;
      override = {};
      if (
        !["0", "\0"].includes(header.type) ||
        !name.startsWith(prefix) ||
        !isPlainName(name.slice(prefix.length))
      )
        continue;
      found.push({
        name: name.slice(prefix.length),
        at: content,
        size,
        changedAt: new Date(header.changedAt * 1000),
      });
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

/** Undefined at the end, and where the archive is broken: what came before is whole. */
async function readHeader(file: FileHandle, at: number): Promise<TarHeader | undefined> {
  const bytes = Buffer.alloc(blockBytes);
  const { bytesRead } = await file.read(bytes, 0, blockBytes, at);
  if (bytesRead < blockBytes) return undefined;
  try {
    return parseHeader(bytes);
  } catch {
    return undefined;
  }
}

/** Only the name and the size matter. */
async function readAttributes(
  file: FileHandle,
  at: number,
  size: number,
): Promise<{ name?: string | undefined; size?: number }> {
  if (size > maxNameBytes) return {};
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, at);
  try {
    const found = parsePax(bytes);
    const bytesOfFile = found.get("size") ?? "";
    const name = found.get("path");
    return /^\d{1,12}$/.test(bytesOfFile) ? { name, size: Number(bytesOfFile) } : { name };
  } catch {
    return {};
  }
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
