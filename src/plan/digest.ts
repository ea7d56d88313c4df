/** What a policy has in place of a value or a long text. */
import { createHash } from "node:crypto";

/** SHA-256, hex; whole, since a few characters of it could be met by trying. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
