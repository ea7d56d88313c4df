/** What the engine keeps until it is removed, as an undoing names it. */
import type { UndoObject } from "../../core/scope.ts";
import { commandLine } from "../../core/shell-quote.ts";

/** With the command that removes it by hand. */
export function undoObject(kind: "container" | "network" | "volume", name: string): UndoObject {
  const removal =
    kind === "container" ? commandLine`docker rm -f ${name}` : commandLine`docker ${kind} rm ${name}`;
  return { kind, name, removal };
}
