/** A terminal for bottles that nobody looks at. */
import { makeStreamTerminal, silentInput } from "../../core/terminal.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import type { World } from "../../host/world.ts";

/** A probe's output is read by who started it; nothing of it is the user's. */
export function noTerminal({ stdout, stderr }: World): SessionTerminal {
  return makeStreamTerminal({ input: silentInput, output: stdout, errorOutput: stderr });
}
