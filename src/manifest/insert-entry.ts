/** Adding entries to a manifest's text in place: comments and formatting stay. */
import { applyEdits, modify } from "jsonc-parser";
import { parseHostPort } from "../core/host-port.ts";
import { asList, asObject } from "./fields.ts";
import { appendInPlace } from "./insert-in-place.ts";
import { parseSource } from "./source-tree.ts";

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

/** Adds a rule to the entry of its host in the allowlist, which is made if it is not there, and returns the new text. */
export function insertRule(text: string, bottle: string, host: string, rule: string): string {
  const list = ["bottles", bottle, "egress", "allowlist"];
  const value = asObject(asObject(asObject(asObject(parseSource(text).value)["bottles"])[bottle])["egress"]);
  const at = asList(value["allowlist"]).findIndex((one) => isHost(asObject(one)["host"], host));
  if (at >= 0) return appendInPlace(text, [...list, at, "allow"], rule);
  return appendInPlace(text, list, { host, allow: [rule] });
}

function isHost(value: unknown, host: string): boolean {
  const parsed = typeof value === "string" ? parseHostPort(value) : undefined;
  return parsed?.ok === true && parsed.host === host;
}

/** Line ends as the file has them. */
function formattingOf(text: string): { insertSpaces: true; tabSize: number; eol: string } {
  return { insertSpaces: true, tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}
