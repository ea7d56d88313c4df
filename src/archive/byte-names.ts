/**
 * Names of files as byte strings: a character a byte. A name need not be UTF-8, and it must come out as it went in; as a string it can be
 * compared, split and kept in maps all the same.
 */
import { isUtf8 } from "node:buffer";
import { escapeForTerminal, quote } from "../core/text.ts";

/** Longer names are cut where they are shown */
const shownLength = 200;

/** For calls of the file system. */
export function toBytes(name: string): Buffer {
  return Buffer.from(name, "latin1");
}

/** Of what the file system or an archive gave. */
export function fromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Of text that somebody typed. */
export function fromText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Text for people; what is no UTF-8 is shown as `\xff`. It is as hostile as the name was. */
export function toText(name: string): string {
  const bytes = toBytes(name);
  return isUtf8(bytes)
    ? bytes.toString("utf8")
    : name.replaceAll(/[\x80-\xff]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`);
}

/** In double quotes and escaped. */
export function quoteName(name: string): string {
  if (isUtf8(toBytes(name))) return quote(toText(name), shownLength);
  return `"${escapeForTerminal(toText(name.slice(0, shownLength)))}"`;
}

/** `a/b`; an empty one of both is left out. */
export function joinNames(folder: string, name: string): string {
  if (name === "") return folder;
  return folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** The folder that an absolute path is in */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
