/** Which short escape sequences (`ESC final`, `ESC intermediate final`) reach the user's terminal. */
import { escapes } from "./changes.ts";

/** The whole sequence if it may be passed on, or nothing. `text` is what stands after ESC. */
export function judgeEscape(text: string): string {
  return escapes.some(({ form }) => form.test(text)) ? `\u001b${text}` : "";
}
