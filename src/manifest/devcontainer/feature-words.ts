/** What a feature may put into a line of the Dockerfile that is made for it. */

const longest = 1_000;

/** One line, without what a terminal or a builder would take for more than text. */
export function isPlainWords(text: string): boolean {
  return text.length <= longest && /^[\x20-\x7e]*$/.test(text);
}

/** As install.sh finds an option in its environment (the specification of features: Option Resolution) */
export function nameOption(option: string): string {
  return option
    .replaceAll(/[^\w_]/g, "_")
    .replace(/^[\d_]+/, "_")
    .toUpperCase();
}
