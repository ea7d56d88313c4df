/** The user's terminal as every command that joins it to a bottle opens it. An agent fills the clipboard only where it was asked to. */
import { makeTerminal } from "../../host/terminal.ts";
import type { UserTerminal } from "../../host/terminal.ts";
import type { App } from "../app.ts";

/** The user's own, behind the filter that keeps claude's output from commanding it. */
export function openTerminal(app: App, allowsClipboard = false): UserTerminal {
  return makeTerminal(app.world, { allowsClipboard });
}
