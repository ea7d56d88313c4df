/** What a failed call of the file system means for a copy. */
import { sayWhy } from "../core/error.ts";

/** Something that keeps one name from being copied and nothing else. */
export class Refusal extends Error {}

/** Nothing else can be copied either. */
export class DiskTrouble extends Error {
  /** True if there is no room for more */
  readonly isFull: boolean;

  constructor(message: string, isFull: boolean) {
    super(message);
    this.isFull = isFull;
  }
}

const full: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
/** A disk that fails or is read only, or no more open files */
const fatal: ReadonlySet<string> = new Set([...full, "EIO", "EROFS", "EMFILE", "ENFILE"]);

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The refusal that an error comes down to. Throws what is more than that. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const code = codeOf(error);
  if (fatal.has(code)) throw new DiskTrouble(sayWhy(error), full.has(code));
  if (!/^E[A-Z0-9]+$/.test(code)) throw error;
  return new Refusal(sayWhy(error));
}
