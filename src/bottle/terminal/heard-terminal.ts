/** A session at which nobody sits: nothing is written to it, and what its program says is heard line by line. */
import { emptyInput, makeStreamTerminal } from "../../core/terminal.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import { makeLineOutput } from "./line-output.ts";

/** As many as one reads after a failure */
const keptLines = 20;
const maxLineLength = 500;

export interface HeardTerminal {
  readonly terminal: SessionTerminal;
  /** Of both outputs, without empty ones; hostile when printed */
  last(): readonly string[];
}

export function makeHeardTerminal(onLine: (line: string) => void): HeardTerminal {
  const last: string[] = [];
  const take = (line: string) => {
    if (line.trim() === "") return;
    last.push(line.slice(0, maxLineLength));
    if (last.length > keptLines) last.shift();
    onLine(line);
  };
  return {
    last: () => last,
    terminal: makeStreamTerminal({
      input: emptyInput,
      output: makeLineOutput(take),
      errorOutput: makeLineOutput(take),
    }),
  };
}
