/** A session at which nobody sits: nothing is written to it, and what its program says is heard line by line. */
import { Writable } from "node:stream";
import { makeLineSplitter } from "../../core/lines.ts";
import type { SessionTerminal } from "../../core/terminal.ts";

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
  const nothing = () => undefined;
  return {
    last: () => last,
    terminal: {
      isTerminal: false,
      environment: {},
      size: () => ({ columns: 80, rows: 24 }),
      enterRaw: nothing,
      restore: nothing,
      onResize: () => nothing,
      input: {
        read(_take, onEnd) {
          onEnd();
          return nothing;
        },
      },
      output: makeOutput(take),
      errorOutput: makeOutput(take),
    },
  };
}

function makeOutput(take: (line: string) => void): Writable {
  const lines = makeLineSplitter();
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk).forEach(take);
      done();
    },
  });
}
