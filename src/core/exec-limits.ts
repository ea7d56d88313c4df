/**
 * What the kernel takes where a program is started (execve(2)). More than that fails when everything else is made, with no word about
 * which text it was, so it is refused before. The same under gVisor.
 */

/** Of one argument, or of one variable with its name and `=`: MAX_ARG_STRLEN without the closing NUL */
export const longestText = 128 * 1024 - 1;

/**
 * Of all arguments and variables together: a quarter of a container's usual stack limit of 8 MiB, without what the bottle, claude, and the
 * programs that claude starts add to it.
 */
export const roomForTexts = 2 * 1024 * 1024 - 256 * 1024;

/** Each text takes its bytes, a NUL, and a pointer to it. */
export function measureTexts(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1 + 8, 0);
}
