/** What folders get once all that is in them is there: with their own mode from the start some could not be written to. */
import { chmodSync, utimesSync } from "node:fs";
import { joinNames, toBytes } from "./byte-names.ts";
import { sayWhy } from "../core/error.ts";
import type { CopyProblem } from "./tar-item.ts";

export interface MadeFolder {
  readonly mode: number;
  /** Undefined if the archive does not say */
  readonly changedAt: number | undefined;
}

/** Those in others first. Gives what could not be done. */
export function settleFolders(
  at: string,
  folders: ReadonlyMap<string, MadeFolder | undefined>,
): CopyProblem[] {
  return [...folders].toReversed().flatMap(([name, folder]) => {
    if (!folder) return [];
    const path = toBytes(joinNames(at, name));
    try {
      setTime(path, folder.changedAt);
      chmodSync(path, folder.mode);
      return [];
    } catch (error) {
      return [{ name, reason: sayWhy(error) }];
    }
  });
}

/** A time that the disk cannot hold is not worth a word. */
function setTime(path: Buffer, changedAt: number | undefined): void {
  if (changedAt === undefined) return;
  try {
    utimesSync(path, changedAt, changedAt);
  } catch {
    // It keeps the time of its making
  }
}
