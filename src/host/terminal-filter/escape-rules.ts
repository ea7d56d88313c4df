/** Which short escape sequences (`ESC final`, `ESC intermediate final`) reach the user's terminal. */

/**
 * Save and restore the cursor, keypad modes, reset, the line-drawing character set (as `G0` to `G3`), a screen of
 * E. Not among them: `ESC % @`, which would end UTF-8, `ESC SP G`, which asks for 8-bit answers, and `ESC Z`, an old way to ask.
 */
const allowed = /^(?:[78=>c]|[()*+][0AB]|#8)$/;

/** The whole sequence if it may be passed on, or nothing. `text` is what stands behind ESC. */
export function judgeEscape(text: string): string {
  return allowed.test(text) ? `\u001b${text}` : "";
}
