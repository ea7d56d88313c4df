/** The name of a folder in which git finds settings that it obeys, commands among them. */
import { toText } from "./byte-names.ts";

/** What some file systems do not see in a name (git's CVE-2014-9390) */
const unseen = /[\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Also in the spellings that a file system without case, of macOS or of Windows, takes for it. */
export function isGitName(name: string): boolean {
  const plain = toText(name).replaceAll(unseen, "").toLowerCase();
  return plain === ".git" || plain === "git~1";
}
