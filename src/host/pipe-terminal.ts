/** A session's ends where there is no terminal: the process's own pipes, or files. */
import { filterOutput } from "./terminal-filter/filtered-output.ts";
import { emptyInput, makeInput } from "./session-input.ts";
import type { UserTerminal } from "./terminal.ts";
import type { World } from "./world.ts";

/**
 * stdin, stdout and stderr as they are, but what an agent writes to one that is a terminal is filtered. A terminal at stdin is not
 * read: nobody was asked to type there, and what waits for its end would wait for ever.
 */
export function makePipeTerminal(world: World): UserTerminal {
  const rules = { allowsClipboard: false };
  return {
    isTerminal: false,
    environment: {},
    size: () => ({ columns: 80, rows: 24 }),
    enterRaw: () => undefined,
    restore: () => undefined,
    onResize: () => () => undefined,
    onClosed: () => () => undefined,
    input: world.stdin.isTTY === true ? emptyInput : makeInput(world.openInput),
    output: filterOutput(world.stdout, rules).stream,
    errorOutput: filterOutput(world.stderr, rules).stream,
  };
}
