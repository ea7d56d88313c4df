/** A long line in pieces that fit a terminal. */

/** Narrower than that nothing is readable, and the terminal may as well break lines itself */
const leastText = 10;

/**
 * Breaks at spaces where it can; a word that fits no line is cut. What is broken off is indented by so many spaces. Counts UTF-16
 * units, as everything that is aligned here does.
 */
export function foldLine(line: string, width: number, indent: number): string[] {
  if (line.length <= width || width - indent < leastText) return [line];
  const lines: string[] = [];
  let rest = line;
  let begin = indentOf(line);
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > begin ? space : width;
    lines.push(rest.slice(0, end).trimEnd());
    rest = " ".repeat(indent) + rest.slice(end).trimStart();
    begin = indent;
  }
  return [...lines, rest];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
