/** A session without a person: a program's input is written, and its output comes line by line. */
import { PassThrough, Writable } from "node:stream";
import type { SessionTerminal } from "../../bottle.ts";

export interface LineTerminal {
  readonly terminal: SessionTerminal;
  write(data: Uint8Array): void;
}

/** `onLine` gets lines of stdout, `onComplaint` what comes on stderr. */
export function makeLineTerminal(
  onLine: (line: string) => void,
  onComplaint: (text: string) => void,
): LineTerminal {
  const input = new PassThrough();
  let pending = "";
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (pending + chunk.toString("utf8")).split("\n");
      pending = lines.pop() ?? "";
      lines.forEach(onLine);
      done();
    },
  });
  const errorOutput = new Writable({
    write(chunk: Buffer, _encoding, done) {
      onComplaint(chunk.toString("utf8"));
      done();
    },
  });
  return {
    write: (data) => void input.write(data),
    terminal: {
      isTerminal: false,
      environment: {},
      size: () => ({ columns: 80, rows: 24 }),
      enterRaw: nothing,
      restore: nothing,
      onResize: () => nothing,
      input,
      output,
      errorOutput,
    },
  };
}

function nothing(): undefined {
  return undefined;
}
