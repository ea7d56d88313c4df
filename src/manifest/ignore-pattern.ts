/**
 * Patterns as `.gitignore` has them. Git takes any text for one, and what it does not understand matches nothing: a file that was meant to
 * stay out would go in unsaid. So what can only be a slip is refused.
 */
import { quote } from "../core/text.ts";

const maxLength = 200;
/** As git reads it: after "[" and "!" a "]" stands for itself */
const characterClass = /\[(?:[!^]|(?![!^]))(?:\]|(?!\]))(?:\[:[a-z]+:\]|[^\]])*\]/g;
const outside = "leads out of the workspace; patterns are relative to its root";

/** Why `text` is not taken for a pattern; undefined if it is fine. */
export function findPatternProblem(text: string): string | undefined {
  if (text.trim() === "") return "is empty";
  if (text.length > maxLength) return `is longer than ${maxLength} characters`;
  if (/[\0\r\n]/.test(text)) return "holds a NUL character or a line break";
  if (!text.isWellFormed()) return "holds half a character, which no file name can hold";
  const problem = findStartProblem(text) ?? findPartProblem(text) ?? findSyntaxProblem(text);
  return problem === undefined ? undefined : `${quote(text, 60)} ${problem}`;
}

function findStartProblem(text: string): string | undefined {
  if (text !== text.trim()) return "begins or ends with a space";
  if (text.startsWith("!")) return 'begins with "!"; list what is meant; no pattern undoes another one';
  if (text.startsWith("#")) return 'begins with "#", which makes it a comment; write "\\\\#"';
  return text.startsWith("~/") ? outside : undefined;
}

function findPartProblem(text: string): string | undefined {
  const parts = text.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (parts.includes("")) return "has no name between two slashes";
  if (parts.includes("..")) return outside;
  if (parts.includes(".")) return 'has the part "."; leave it out';
  return parts.some((part) => part.toLowerCase() === ".git")
    ? "names a .git folder, which is never copied: git itself carries the history"
    : undefined;
}

function findSyntaxProblem(text: string): string | undefined {
  if (/\\(?:[\p{L}\p{N}/.]|$)/u.test(text))
    return 'has a "\\\\" that escapes nothing; folders are divided by "/"';
  const plain = text.replaceAll(/\\./gu, "x").replaceAll(characterClass, "x");
  if (plain.includes("[")) return 'has a "[" without its "]"';
  return /\{[^}]*,[^}]*\}/.test(plain)
    ? "has braces, which git does not expand; write several patterns"
    : undefined;
}
