/** The commands of a devcontainer.json as a shell gets them. */
import { quoteForShell } from "../../core/shell-quote.ts";
import type { Command } from "./devcontainer-schema.ts";

/** A text is the shell's, a list is one program with its words, and of an object each one runs, in the order of the file. */
export function readCommands(command: Command): string[] {
  if (typeof command === "string") return command.trim() === "" ? [] : [command];
  if (isList(command)) return [command.map(quoteForShell).join(" ")];
  return Object.values(command).flatMap(readCommands);
}

function isList(command: Command): command is readonly string[] {
  return Array.isArray(command);
}
