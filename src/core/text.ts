/** Text for people: quoting, escaping of hostile strings, suggestions. */

/**
 * Everything that can move a cursor, change colours, reorder text or show as nothing: control and format characters (Trojan Source,
 * CVE-2021-42574), separators, unusual spaces, private and lone surrogate code points, and what fonts leave out by default.
 */
const unprintable =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}/gu;

/** Makes a hostile string safe to print on one line: control characters become visible `\x1b`-style escapes. */
export function escapeForTerminal(text: string): string {
  return text.replace(unprintable, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point === 0x0a) return "\\n";
    if (point === 0x09) return "\\t";
    return point <= 0xff ? `\\x${point.toString(16).padStart(2, "0")}` : `\\u{${point.toString(16)}}`;
  });
}

/** False for text in which something is not shown as it is. */
export function isPrintable(text: string): boolean {
  return escapeForTerminal(text) === text;
}

/** As `escapeForTerminal` for text of several lines: their breaks stay, and tabs, since indentation is made of them. */
export function escapeLines(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, escapeForTerminal);
}

/**
 * JSON for a script or for a terminal, since nobody knows which: what a terminal would obey is written as an escape of JSON's own, so
 * that every parser reads what it would have read without.
 */
export function renderJson(value: unknown, indent?: number): string {
  const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(unprintable, (character) =>
    character === "\n" ? character : character.split("").map(escapeUnit).join(""),
  );
}

/** A value in double quotes, escaped and cut to `maxLength` characters, for use in messages. */
export function quote(value: string, maxLength = 120): string {
  // A pair of surrogates is not cut in two
  const shown =
    value.length > maxLength ? `${value.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}…` : value;
  return `"${escapeForTerminal(shown.replaceAll("\\", "\\\\")).replaceAll('"', '\\"')}"`;
}

/** `1 host`, `2 hosts` */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** How far something has come: `[####      ] 40%`; never more than the whole. */
export function renderShare(done: number, whole: number): string {
  const share = whole <= 0 ? 1 : Math.min(1, done / whole);
  const width = 20;
  const full = Math.floor(share * width);
  return `[${"#".repeat(full)}${" ".repeat(width - full)}] ${Math.floor(share * 100)}%`;
}

/** As `renderShare`, in bytes: `[####      ] 40%  12 MiB of 30 MiB` */
export function renderBar(done: number, whole: number): string {
  return `${renderShare(done, whole)}  ${renderBytes(Math.min(done, whole))} of ${renderBytes(whole)}`;
}

/** Bytes for people, in binary units: `1.5 MiB` */
export function renderBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** Longer words are no slips of anything we know, and comparing them takes long */
const longestWord = 100;

/** The candidate nearest to `word` by edit distance, if it is near enough to be a likely slip. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined;
  let best: string | undefined;
  // In a word of two or three letters a second difference leaves nothing in common
  let bestDistance = (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate.length > longestWord) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance with adjacent transpositions (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** Lines of at most `width` characters, broken at spaces; a word that is longer stays whole. */
export function foldText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
