/** What senders of ours say between the members of an archive: a member of a type that POSIX leaves to vendors, with JSON in it. */
import { BrokenArchive } from "./tar-item.ts";
import type { Note } from "./tar-item.ts";
import { renderSpecial } from "./tar-header.ts";

export const noteType = "Z";
const maxReasonLength = 500;
const maxNameLength = 4_096;

export function renderNote(note: Note): Buffer {
  const short = "name" in note ? { ...note, name: note.name.slice(0, maxNameLength) } : note;
  return renderSpecial(noteType, Buffer.from(JSON.stringify(short)));
}

/** The sender may be a hostile one in place of ours: only the form is believed. */
export function parseNote(content: Buffer): Note {
  const { note, name, reason, files, bytes } = parseObject(content);
  if (note === "total" && isCount(files) && isCount(bytes)) return { note, files, bytes };
  if (note === "problem" && typeof name === "string")
    return { note, name: asBytes(name), reason: String(reason).slice(0, maxReasonLength) };
  if (note === "left-out" && typeof name === "string") return { note, name: asBytes(name) };
  if (note === "spoilt") return { note };
  if (note === "failed") return { note, reason: String(reason).slice(0, maxReasonLength) };
  throw new BrokenArchive("it has a note of an unknown form");
}

/** Only what can be a byte. */
function asBytes(name: string): string {
  return Buffer.from(name.slice(0, maxNameLength), "latin1").toString("latin1");
}

function parseObject(content: Buffer): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(content.toString("utf8"))) as Record<string, unknown>;
  } catch {
    throw new BrokenArchive("it has a note that is not JSON");
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
