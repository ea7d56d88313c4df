/**
 * Which files of a build context stay out: the language of `.dockerignore`, as Docker documents it. Patterns are those of Go's
 * `filepath.Match`, with `**` for any number of folders, and the last one that a path or a folder above it meets decides.
 */
import { posix } from "node:path";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { manifestName } from "./manifest-files.ts";

export interface IgnoreRules {
  /** About a path below the folder that `above` is about; relative, with `/` */
  judge(path: string, above?: Verdict): Verdict;
  /** False if nothing below a folder that stays out can come back in, so that it need not be looked at */
  mayKeepBelow(folder: string): boolean;
}

export interface Verdict {
  readonly isIgnored: boolean;
  /** For each rule, whether it was met by this path or by a folder above it */
  readonly met: readonly boolean[];
}

interface Rule {
  /** `!pattern`: what fits comes back in */
  readonly isException: boolean;
  readonly expression: RegExp;
  /** The pattern's beginning, up to the first character that is more than itself */
  readonly literal: string;
}

/** No part of what is built: history holds what was deleted, and a manifest changes with every host that is allowed. `!` brings them back */
const builtIn = ["**/.git", manifestName];

/** Reads an ignore file; `path` is for messages. Throws with the line of a pattern that is none. */
export function parseIgnoreRules(text: string, path: string): IgnoreRules {
  const rules = [
    ...builtIn.map(makeRule),
    ...text
      .replace(/^\u{feff}/u, "")
      .split("\n")
      .flatMap((line, index) => {
        try {
          return readLine(line);
        } catch (cause) {
          throw badPattern(path, index + 1, line, cause);
        }
      }),
  ];
  const exceptions = rules.filter((rule) => rule.isException);
  return {
    judge: (path, above) => judge(rules, path, above),
    mayKeepBelow: (folder) =>
      exceptions.some(({ literal }) => literal.startsWith(`${folder}/`) || `${folder}/`.startsWith(literal)),
  };
}

/** What a folder met holds for all that is in it. A rule that would change nothing is not tried, and so not met, as in Docker. */
function judge(rules: readonly Rule[], path: string, above: Verdict | undefined): Verdict {
  let isIgnored = false;
  const met = rules.map(({ isException, expression }, index) => {
    const isMet = above?.met[index] === true || (isException === isIgnored && expression.test(path));
    if (isMet) isIgnored = !isException;
    return isMet;
  });
  return { isIgnored, met };
}

/** A comment has its `#` in the first column. A slash at either end means nothing, since every pattern begins at the root. */
function readLine(line: string): Rule[] {
  const text = line.trim();
  if (line.startsWith("#") || text === "") return [];
  const isException = text.startsWith("!");
  const pattern = isException ? text.slice(1).trim() : text;
  const cleaned = posix.normalize(pattern).replace(/(?<=.)\/$/, "");
  if (isException && (pattern === "" || cleaned === "/")) throw new Error("nothing follows the mark");
  return [{ ...makeRule(cleaned.replace(/^\/(?=.)/, "")), isException }];
}

function makeRule(pattern: string): Rule {
  const literal = /^[^*?[\\]*/.exec(pattern)?.[0] ?? "";
  return { isException: false, expression: new RegExp(`^${translate(pattern)}$`, "su"), literal };
}

/** The pattern as a regular expression. Throws for a class or an escape that does not end. */
function translate(pattern: string): string {
  const characters = [...pattern];
  let made = "";
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    if (character === "*" && characters[at + 1] === "*") {
      at += characters[at + 2] === "/" ? 2 : 1;
      made += translateFolders(characters, at);
    } else if (character === "*") made += "[^/]*";
    else if (character === "?") made += "[^/]";
    else if (character === "[") {
      const group = translateClass(characters, at + 1);
      made += group.made;
      at = group.end;
    } else if (character === "\\") made += literally(characters[(at += 1)]);
    else made += literally(character);
  }
  return made;
}

/** `**`, which ends at `end`: at the pattern's end all there is, before a plain word any beginning, and else any number of folders. */
function translateFolders(characters: readonly string[], end: number): string {
  const isSuffix = end === 1 && !characters.slice(2).some((one) => "*?[]\\".includes(one));
  return end + 1 >= characters.length || isSuffix ? ".*" : "(?:.*/)?";
}

/** `[a-z]` or `[^a-z]`, from after its bracket; `end` is where the closing one stands. */
function translateClass(
  characters: readonly string[],
  start: number,
): { readonly made: string; readonly end: number } {
  let at = start;
  const take = () => {
    const character = characters[at];
    if (character === "-" || character === "]") throw new Error(`a class cannot have ${character} there`);
    if (character === "\\") at += 1;
    const made = literally(characters[at]);
    at += 1;
    return made;
  };
  const isNegated = characters[at] === "^";
  if (isNegated) at += 1;
  let ranges = "";
  do {
    ranges += take();
    if (characters[at] !== "-") continue;
    at += 1;
    ranges += `-${take()}`;
  } while (characters[at] !== "]");
  return { made: `[${isNegated ? "^" : ""}${ranges}]`, end: at };
}

function literally(character: string | undefined): string {
  if (character === undefined) throw new Error("it ends in the middle of a pattern");
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function badPattern(path: string, line: number, text: string, cause: unknown): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use ${quote(path)}: the pattern ${quote(text.trim())} in line ${line} is not valid`,
    hint: "Write a pattern as in Docker's .dockerignore, with a backslash before a character that stands for itself.",
    cause,
  });
}
