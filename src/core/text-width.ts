/** How many columns of a terminal a text takes, which is not how many units it has: names come in every script. */

/** What is drawn over the character before it, or not at all */
const narrowest = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Unicode's East Asian Width W and F, in blocks, and what is shown as an emoji by itself */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;
const plain = /^[\x20-\x7e]*$/;

/** Of a text without line breaks and control characters. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  return [...text].reduce((sum, character) => sum + widthOfOne(character), 0);
}

/** Filled with spaces up to so many columns. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** So much of its end as fits. */
export function endOf(text: string, columns: number): string {
  const characters = [...text];
  let room = columns;
  let from = characters.length;
  while (from > 0) {
    room -= widthOfOne(characters[from - 1] ?? "");
    if (room < 0) break;
    from -= 1;
  }
  return characters.slice(from).join("");
}

function widthOfOne(character: string): number {
  if (narrowest.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
