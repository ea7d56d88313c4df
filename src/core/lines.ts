/** Lines out of bytes that come in pieces, wherever they were cut. */

/** One for each stream of bytes. */
export interface LineSplitter {
  /** The lines that this piece ends */
  push(piece: Uint8Array): string[];
  /** What came after the last line's end */
  rest(): string;
}

/** UTF-8. Of a line that is not at its end yet, at most `maxLength` characters are kept. */
export function makeLineSplitter(maxLength = Number.POSITIVE_INFINITY): LineSplitter {
  const decoder = new TextDecoder();
  let pending = "";
  return {
    push(piece) {
      const lines = (pending + decoder.decode(piece, { stream: true })).split("\n");
      pending = (lines.pop() ?? "").slice(0, maxLength);
      return lines;
    },
    rest: () => pending,
  };
}

/** The object that a line is, in JSON; undefined for any other line. */
export function parseObjectLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
