/** Adding entries to a manifest's text in place: comments and formatting stay. */
import { applyEdits, modify } from "jsonc-parser";
import { appendInPlace } from "./insert-in-place.ts";

/** What `init` starts from when there is no file. */
export const emptyManifest = "{\n}\n";

/** Sets `section.name` to `entry` and returns the new text. */
export function insertEntry(
  text: string,
  section: "agents" | "bottles",
  name: string,
  entry: unknown,
): string {
  const formattingOptions = formattingOf(text);
  const edited = applyEdits(text, modify(text, [section, name], entry, { formattingOptions }));
  return edited.endsWith("\n") ? edited : `${edited}${formattingOptions.eol}`;
}

/** Adds a host at the end of a list under `bottles.<bottle>.egress`, making what is missing on the way, and returns the new text. */
export function insertHost(
  text: string,
  bottle: string,
  list: "allowlist" | "private" | "http" | "tcp",
  host: string,
): string {
  return appendInPlace(text, ["bottles", bottle, "egress", list], host);
}

/** Line ends as the file has them. */
function formattingOf(text: string): { insertSpaces: true; tabSize: number; eol: string } {
  return { insertSpaces: true, tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}
