/** Content that is part of what is approved: its digest now, and the same content again when it is copied. */
import { createHash } from "node:crypto";
import type { BottleError } from "../core/error.ts";
import { readRegularFile } from "./plain-file.ts";

export interface KnownContent {
  readonly bytes: number;
  /** SHA-256, hexadecimal */
  readonly digest: string;
  /** Reads it again. Throws if it is another by then */
  readonly read: () => Promise<Uint8Array>;
}

/** Reads a plain file below `root`; `makeChanged` gives the error for a content that is another later, and `look` sees it as it is now. */
export async function readKnown(
  path: string,
  root: string,
  makeChanged: () => BottleError,
  look?: (content: Uint8Array) => void,
): Promise<KnownContent> {
  const content = await readRegularFile(path, root);
  look?.(content);
  const digest = digestOf(content);
  return {
    bytes: content.length,
    digest,
    async read() {
      const again = await readRegularFile(path, root);
      if (digestOf(again) !== digest) throw makeChanged();
      return again;
    },
  };
}

/** SHA-256, hexadecimal. */
export function digestOf(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
