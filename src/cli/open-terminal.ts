/** The user's terminal as every command that joins it to a bottle opens it. An agent cannot fill the clipboard. */
import { makeTerminal } from "../host/terminal.ts";
import type { UserTerminal } from "../host/terminal.ts";
import type { App } from "./app.ts";

export function openTerminal(app: App): UserTerminal {
  return makeTerminal(app.world, { allowsClipboard: false });
}
