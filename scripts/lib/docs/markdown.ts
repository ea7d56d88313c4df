/** Markdown that every reader of it understands. */

/** Ends with an empty line, so that what follows is no part of it. */
export function makeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |\n`;
  return `${line(head)}${line(head.map(() => "---")).replaceAll(" ", "")}${rows.map(line).join("")}`;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
