/** How hard a secret is to guess for somebody who knows what kind of secret it is. */

/** `ghp_`, `glpat-`, `github_pat_`, `sk-`, `npm_`: tells the service and is no secret */
const knownBeginning = /^(?:[A-Za-z]{1,10}[_-]){1,3}/;

/**
 * Bits, at most: as if the characters were random, upper and lower case are one, and what repeats or counts on (`aaaa`, `1234`, `abcabc`)
 * counts once. A password of words has fewer than this says.
 */
export function countBits(value: string): number {
  const text = value.replace(knownBeginning, "").toLowerCase();
  const perCharacter = Math.log2(countAlphabet(text));
  return countNew(text) * perCharacter;
}

function countAlphabet(text: string): number {
  if (/^[0-9]*$/.test(text)) return 10;
  if (/^[0-9a-f]*$/.test(text)) return 16;
  const classes: readonly (readonly [RegExp, number])[] = [
    [/[0-9]/, 10],
    [/[a-z]/, 26],
    [/[^0-9a-z]/, 16],
  ];
  return classes.reduce((sum, [pattern, size]) => sum + (pattern.test(text) ? size : 0), 0);
}

/** Characters that could not be told from those before them */
function countNew(text: string): number {
  const seen = new Set<string>();
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
    const isNextInLine = Math.abs(step) <= 1 && step === text.charCodeAt(at - 1) - text.charCodeAt(at - 2);
    const three = text.slice(at - 2, at + 1);
    if (!isNextInLine && !(three.length === 3 && seen.has(three)) && step !== 0) count += 1;
    seen.add(three);
  }
  return count;
}
