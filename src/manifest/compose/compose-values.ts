/** Values of a compose file as its users write them, in the forms that a service has. */

/** What compose fills in is the environment's, which a service does not get: only a default stands in the file. Undefined without one. */
export function fillDefaults(text: string): string | undefined {
  let isWhole = true;
  const filled = text.replaceAll(
    /\$\$|\$\{([A-Za-z_]\w*)(?::?-([^}]*))?[^}]*\}|\$([A-Za-z_]\w*)/g,
    (match, _braced: string | undefined, otherwise: string | undefined) => {
      if (match === "$$") return "$";
      if (otherwise === undefined) isWhole = false;
      return otherwise ?? "";
    },
  );
  return isWhole ? filled : undefined;
}

/** As a shell splits a line into words: quotes keep together, and a backslash takes the next character as it is. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = "";
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? "";
    const isEscape = character === "\\" && quoted !== "'";
    if (isEscape) word = `${word ?? ""}${line[(index += 1)] ?? ""}`;
    else if (character === quoted) quoted = "";
    else if (quoted === "" && (character === '"' || character === "'")) {
      quoted = character;
      word ??= "";
    } else if (quoted === "" && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ""}${character}`;
  }
  return word === undefined ? words : [...words, word];
}

/** A list of scalars as texts; one scalar is a list of one. Undefined for anything else. */
export function toTexts(value: unknown): string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.map(toText);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** YAML reads `5432` and `true` as what they look like; compose takes them as they are written. */
export function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
