/** Text out of a bottle on its way to a terminal: line by line, with nothing in it that a terminal would obey. */
import { escapeLines } from "../../core/text.ts";
import type { WorkSink } from "../../bottle/work.ts";

/** A line longer than this is cut: nobody reads it, and it is kept in memory until it ends */
const maxLineLength = 4_000;

/** Gives `write` each line without its break. */
export function makeTextSink(write: (line: string) => void, onProblem: (text: string) => void): WorkSink {
  return {
    async begin(section) {
      if (section.section === "problem") onProblem(section.text);
      const decoder = new TextDecoder();
      let pending = "";
      const take = (text: string) => {
        const lines = (pending + text).split("\n");
        pending = (lines.pop() ?? "").slice(0, maxLineLength);
        for (const line of lines) write(escapeLines(line.slice(0, maxLineLength)));
      };
      return {
        async write(data) {
          if (section.section === "text") take(decoder.decode(data, { stream: true }));
        },
        async end() {
          take(decoder.decode());
          if (pending !== "") write(escapeLines(pending));
        },
      };
    },
  };
}
