/** A session without a person: a program's input is written, and its output comes as JSON, an object a line. */
import { Writable } from "node:stream";
import { parseObjectLine } from "../../core/lines.ts";
import { makeStreamTerminal } from "../../core/terminal.ts";
import type { SessionInput, SessionTerminal } from "../../core/terminal.ts";
import { makeLineOutput } from "./line-output.ts";

export interface LineTerminal {
  readonly terminal: SessionTerminal;
  write(data: Uint8Array): void;
}

/** `onObject` gets what `parse` makes of the objects of stdout, `onComplaint` what comes on stderr and all other lines. */
export function makeLineTerminal<T>(
  parse: (value: unknown) => T | undefined,
  onObject: (object: T) => void,
  onComplaint: (text: string) => void,
): LineTerminal {
  const { input, write } = makeWrittenInput();
  const take = (line: string) => {
    const object = parse(parseObjectLine(line));
    if (object === undefined) onComplaint(`${line}\n`);
    else onObject(object);
  };
  const errorOutput = new Writable({
    write(chunk: Buffer, _encoding, done) {
      onComplaint(chunk.toString("utf8"));
      done();
    },
  });
  return { write, terminal: makeStreamTerminal({ input, output: makeLineOutput(take), errorOutput }) };
}

/** What is written before it is read waits. */
function makeWrittenInput(): { readonly input: SessionInput; write(data: Uint8Array): void } {
  const waiting: Uint8Array[] = [];
  let pass = (data: Uint8Array) => void waiting.push(data);
  return {
    write: (data) => pass(data),
    input: {
      read(take) {
        // Whoever does not take it any more has ended, and its output says so
        pass = (data) => void Promise.resolve(take(data)).catch(nothing);
        waiting.splice(0).forEach(pass);
        return () => (pass = nothing);
      },
    },
  };
}

function nothing(): undefined {
  return undefined;
}
