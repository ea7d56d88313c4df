/** A terminal for bottles that nobody looks at. */
import type { SessionTerminal } from "../../core/terminal.ts";
import { silentInput } from "../../host/session-input.ts";
import type { World } from "../../host/world.ts";

/** A probe's output is read by who started it; nothing of it is the user's. */
export function noTerminal(world: World): SessionTerminal {
  const nothing = () => undefined;
  return {
    isTerminal: false,
    environment: {},
    size: () => ({ columns: 80, rows: 24 }),
    enterRaw: nothing,
    restore: nothing,
    onResize: () => nothing,
    input: silentInput,
    output: world.stdout,
    errorOutput: world.stderr,
  };
}
