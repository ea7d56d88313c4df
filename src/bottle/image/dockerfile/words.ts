/** Words of a Dockerfile's instruction, and what its variables stand for: the shell's rules, as far as Docker has them. */

/** `\` or, by a directive, a backtick */
export type EscapeCharacter = "\\" | "`";

/** Values by name; undefined for one whose value only the engine knows */
export type Scope = ReadonlyMap<string, string | undefined>;

/** Stands in an expanded text where the engine's own value would. Nobody can write it into a Dockerfile's word. */
export const unknownValue = "\u0000";

/** Splits at white space that is in no quotes; quotes and escapes stay as they are. */
export function splitWords(text: string, escape: EscapeCharacter): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === escape && quote !== "'") {
      word += text.slice(at, at + 2);
      at += 1;
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
    } else {
      if (character === quote) quote = "";
      else if (quote === "" && (character === '"' || character === "'")) quote = character;
      word += character;
    }
  }
  return word === "" ? words : [...words, word];
}

/** `$NAME`, `${NAME}`, and `${NAME:-word}` with its kin */
const variable = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])((?:[^{}]|\{[^}]*\})*))?\})/y;

/** The word without its quotes and escapes, and with values in place of its variables; one that has none is empty. */
export function expandWord(word: string, scope: Scope, escape: EscapeCharacter): string {
  let made = "";
  let quote = "";
  for (let at = 0; at < word.length; at += 1) {
    const character = word[at] ?? "";
    variable.lastIndex = at;
    const found = quote === "'" ? null : variable.exec(word);
    if (found) {
      made += valueOf(found, scope, escape);
      at += found[0].length - 1;
    } else if (character === escape && quote !== "'") made += word[(at += 1)] ?? "";
    else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else made += character;
  }
  return made;
}

function valueOf(found: RegExpExecArray, scope: Scope, escape: EscapeCharacter): string {
  const [, bare, braced, operator = "", other = ""] = found;
  const name = bare ?? braced ?? "";
  const value = scope.has(name) ? (scope.get(name) ?? unknownValue) : undefined;
  const isSet = value !== undefined && !(operator.startsWith(":") && value === "");
  if (operator.endsWith("-") && !isSet) return expandWord(other, scope, escape);
  if (operator.endsWith("+")) return isSet ? expandWord(other, scope, escape) : "";
  return value ?? "";
}

/** `NAME=value`, or `NAME` alone. */
export function splitAssignment(word: string): readonly [string, string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
