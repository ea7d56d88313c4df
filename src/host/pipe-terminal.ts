/** A session's ends where there is no terminal: the process's own pipes, or files. */
import { fstatSync } from "node:fs";
import { emptyInput, makeStreamTerminal } from "../core/terminal.ts";
import { makeInput } from "./session-input.ts";
import { filterOutput } from "./terminal-filter/filtered-output.ts";
import { undoOnce } from "./terminal.ts";
import type { UserTerminal } from "./terminal.ts";
import type { World } from "./world.ts";

/**
 * stdin, stdout and stderr as they are, but what an agent writes to one that is a terminal is filtered. A terminal at stdin is not
 * read: nobody was asked to type there, and what waits for its end would wait for ever.
 */
export function makePipeTerminal(world: World): UserTerminal {
  const rules = { allowsClipboard: false, allowsTitle: false };
  const output = filterOutput(world.stdout, rules);
  const errorOutput = filterOutput(world.stderr, rules);
  return {
    ...makeStreamTerminal({
      input: world.stdin.isTTY === true ? emptyInput : makeInput(world.openInput),
      output: output.stream,
      errorOutput: errorOutput.stream,
    }),
    restore: undoOnce(world, output, errorOutput),
    onClosed: () => () => undefined,
  };
}

/**
 * False where nothing can come by stdin, so that nobody waits for a session to find that out: a terminal, which is not read, a device
 * such as /dev/null, an empty file, a closed descriptor. What a pipe holds shows only when it is read.
 */
export function hasInput(stdin: Pick<NodeJS.ReadStream, "isTTY">, descriptor = 0): boolean {
  if (stdin.isTTY === true) return false;
  try {
    const status = fstatSync(descriptor);
    return !status.isCharacterDevice() && !(status.isFile() && status.size === 0);
  } catch {
    return false;
  }
}
