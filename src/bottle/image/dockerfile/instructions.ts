/** A Dockerfile as its instructions, each with its line: what is said about it before the engine sees it needs both. */
import { escapeForTerminal } from "../../../core/text.ts";
import { splitWords } from "./words.ts";
import type { EscapeCharacter } from "./words.ts";

export interface Instruction {
  /** In capitals: `COPY` */
  readonly name: string;
  /** `--from=x` as `["from", "x"]` */
  readonly flags: readonly (readonly [string, string])[];
  /** What stands after the flags; quotes, escapes and variables as they are */
  readonly words: readonly string[];
  /** The words are written as a list in JSON */
  readonly isList: boolean;
  /** 1-based, where it begins */
  readonly line: number;
  /** As it is written, in one line */
  readonly text: string;
  /** Lines of its heredocs, each with its end, as they are written */
  readonly content: readonly string[];
}

export interface Dockerfile {
  readonly instructions: readonly Instruction[];
  readonly escape: EscapeCharacter;
  /** As they are written, without their breaks and a byte order mark */
  readonly lines: readonly string[];
}

/** Reads all there is. It knows no errors: what is none of Docker's forms is left for the engine to refuse. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\u{feff}/u, "").split(/\r?\n/);
  const escape = findEscape(lines);
  return { instructions: readInstructions(lines, escape, true), escape, lines };
}

/** `knowsHeredocs` is false for builders older than these, to which their content is instructions. */
export function readInstructions(
  lines: readonly string[],
  escape: EscapeCharacter,
  knowsHeredocs: boolean,
): Instruction[] {
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    const line = at + 1;
    const joined = joinLines(lines, at, escape);
    at = joined.next;
    if (joined.text.trim() === "") continue;
    const one = readInstruction(joined.text.trim(), line, escape);
    const end = knowsHeredocs ? skipHeredocs(lines, at, one) : at;
    instructions.push({ ...one, content: lines.slice(at, end) });
    at = end;
  }
  return instructions;
}

/** A directive stands above everything else, comments among it. */
function findEscape(lines: readonly string[]): EscapeCharacter {
  for (const line of lines) {
    const [, name, value] = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (name === undefined || !/^(?:syntax|escape|check)$/i.test(name)) break;
    if (/^escape$/i.test(name)) return value === "`" ? "`" : "\\";
  }
  return "\\";
}

/** One instruction's text from the line at `start`: continued lines joined, without the comments and empty lines between them. */
function joinLines(
  lines: readonly string[],
  start: number,
  escape: EscapeCharacter,
): { readonly text: string; readonly next: number } {
  const continued = escape === "`" ? /(?:^|(?<=[^`]))`[ \t]*$/ : /(?:^|(?<=[^\\]))\\[ \t]*$/;
  let text = "";
  for (let at = start; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const isLeftOut = /^\s*#/.test(line) || (at > start && line.trim() === "");
    if (isLeftOut && at === start) return { text: "", next: at + 1 };
    if (isLeftOut) continue;
    text += line.replace(continued, "");
    if (!continued.test(line)) return { text, next: at + 1 };
  }
  return { text, next: lines.length };
}

function readInstruction(text: string, line: number, escape: EscapeCharacter): Omit<Instruction, "content"> {
  const [name = "", ...words] = splitWords(text, escape);
  const end = words.findIndex((word) => !/^--./.test(word));
  const count = end < 0 ? words.length : end;
  const flags = words.slice(0, count).map((word): readonly [string, string] => {
    const [, flag = "", value = ""] = /^--([^=]*)=?(.*)$/s.exec(word) ?? [];
    return [flag.toLowerCase(), value];
  });
  const list = readList(text, words.slice(count));
  return {
    name: name.toUpperCase(),
    flags,
    words: list ?? words.slice(count),
    isList: list !== undefined,
    line,
    text,
  };
}

/** `["a", "b"]`, which is JSON and no list of words. */
function readList(text: string, words: readonly string[]): string[] | undefined {
  if (!words[0]?.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text.slice(text.indexOf("[")));
    if (Array.isArray(list) && list.every((one) => typeof one === "string")) return list;
  } catch {
    // Not JSON, and so words, as Docker reads it
  }
  return undefined;
}

/** `<<EOF` in front of lines that are content and no instructions; `<<-EOF` takes tabs in front of the last one */
const heredoc = /^\d*<<(-?)([^<]+)$/;

/** True for a word of COPY, ADD or RUN that stands for the lines below. */
export function isHeredoc(word: string): boolean {
  return heredoc.test(word);
}

/** True for instructions whose words may stand for the lines below. */
export function mayHaveHeredocs({
  name,
  words,
  isList,
}: Pick<Instruction, "name" | "words" | "isList">): boolean {
  const inner = name === "ONBUILD" ? (words[0] ?? "").toUpperCase() : name;
  return !isList && ["RUN", "COPY", "ADD"].includes(inner);
}

/** The line after the content that belongs to an instruction. Content without an end is left for the engine to complain of. */
function skipHeredocs(
  lines: readonly string[],
  start: number,
  one: Pick<Instruction, "name" | "words" | "isList">,
): number {
  if (!mayHaveHeredocs(one)) return start;
  const { words } = one;
  let at = start;
  for (const word of words) {
    const [, dash, quoted = ""] = heredoc.exec(word) ?? [];
    if (dash === undefined) continue;
    const end = quoted.replaceAll(/["'\\]/g, "");
    const last = lines.findIndex(
      (line, index) => index >= at && (dash === "" ? line : line.replace(/^\t+/, "")) === end,
    );
    if (last < 0) return at;
    at = last + 1;
  }
  return at;
}

/** Where an instruction stands, and what it says, for the details of an error. */
export function showInstruction({ line, text }: Pick<Instruction, "line" | "text">): string {
  return escapeForTerminal(`line ${line}: ${text.length > 120 ? `${text.slice(0, 120)}…` : text}`);
}
