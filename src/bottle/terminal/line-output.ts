/** An output that is heard line by line. */
import { Writable } from "node:stream";
import { makeLineSplitter } from "../../core/lines.ts";

export function makeLineOutput(take: (line: string) => void): Writable {
  const lines = makeLineSplitter();
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk).forEach(take);
      done();
    },
  });
}
