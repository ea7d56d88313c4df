/** Adding entries to a manifest's text in place: comments and formatting stay. */
import { applyEdits, modify } from "jsonc-parser";

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: "\n" };

/** What `init` starts from when there is no file. */
export const emptyManifest = "{\n}\n";

/** Sets `section.name` to `entry` and returns the new text. */
export function insertEntry(
  text: string,
  section: "agents" | "bottles",
  name: string,
  entry: unknown,
): string {
  const edited = applyEdits(text, modify(text, [section, name], entry, { formattingOptions }));
  return edited.endsWith("\n") ? edited : `${edited}\n`;
}
