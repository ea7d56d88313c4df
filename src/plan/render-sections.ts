/** Titled blocks of rows as lines: cells aligned within a block, and lines that fit a terminal broken at words. */
import { escapeForTerminal } from "../core/text.ts";
import { foldLine } from "../core/fold-line.ts";

/** A row is a list of cells that are aligned within the block. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  /** Last cells are lines of a text, which may be indented */
  readonly isText?: boolean;
  /** How its lines stand out: all of them, or what came (`+`) and what went (`-`) */
  readonly tone?: "warning" | "change";
}

export interface SectionStyle {
  readonly hasColor: boolean;
  /** Titles that are left out when there is nothing below them; everything else says `none` */
  readonly quietTitles: ReadonlySet<string>;
  /** Characters in a line; undefined where lines may be of any length */
  readonly width?: number | undefined;
}

const margin = "  ";
const titleWidth = 11;
const firstCell = margin.length + titleWidth;
/** Spaces in front of a line of text that stay as they are: too few for a terminal to break there */
const maxIndent = 24;
/** Below that a last cell is no column any more, and what is broken off stands just after the titles */
const leastColumn = 24;

/** Renders all of it, ending with a line break. The text of every cell is escaped. */
export function renderSections(sections: readonly Section[], style: SectionStyle): string {
  return sections.map((section) => renderSection(section, style)).join("");
}

function renderSection(section: Section, { hasColor, quietTitles, width }: SectionStyle): string {
  if (section.rows.length === 0 && quietTitles.has(section.title)) return "";
  const rows = section.rows.length === 0 ? [["none"]] : section.rows.map((row) => makeSafeRow(row, section));
  const widths = columnWidths(rows);
  const title = section.title.padEnd(titleWidth);
  const lines = rows.flatMap((row, index) => {
    const paint = hasColor ? painterOf(section, row) : (piece: string) => piece;
    const begun = row.slice(0, -1).map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const head = `${margin}${index === 0 ? title : " ".repeat(titleWidth)}`;
    const line = `${head}${[...begun, row.at(-1) ?? ""].join("  ")}`.trimEnd();
    if (width === undefined) return [paint(line)];
    const lastCell = begun.reduce((at, cell) => at + cell.length + 2, firstCell);
    // Deeper than any title and any first cell, so that no piece can pass for a row of its own
    return foldLine(
      line,
      width,
      width - lastCell < leastColumn ? firstCell + 2 : Math.max(lastCell, firstCell + 2),
    ).map(paint);
  });
  const text = lines.map((line) => `${line}\n`).join("");
  return hasColor ? text.replace(title, `\u001b[1m${title}\u001b[22m`) : text;
}

const colors = { warning: 33, "+": 32, "-": 31 } as const;

/** Colours a whole line but for the title's place, which has a style of its own. */
function painterOf({ tone }: Section, row: readonly string[]): (line: string) => string {
  const mark = row[0]?.[0];
  const code = tone === "warning" ? colors.warning : mark === "+" || mark === "-" ? colors[mark] : undefined;
  if (tone === undefined || code === undefined) return (line) => line;
  return (line) => `${line.slice(0, firstCell)}\u001b[${code}m${line.slice(firstCell)}\u001b[39m`;
}

function makeSafeRow(row: readonly string[], { isText }: Section): string[] {
  const cells = row.map(makeSafe);
  const line = isText ? row.at(-1) : undefined;
  const indent = line === undefined ? 0 : line.search(/[^ ]|$/);
  if (line === undefined || indent > maxIndent) return cells;
  return [...cells.slice(0, -1), `${" ".repeat(indent)}${makeSafe(line.slice(indent))}`];
}

/**
 * The one place where text becomes part of the screen: whatever it holds, it draws nothing, and without runs of spaces it cannot
 * pass for a row of its own where a terminal breaks a long line.
 */
function makeSafe(cell: string): string {
  return escapeForTerminal(cell).replaceAll(/(?<= ) /g, "\\x20");
}

/** The last cell of a row needs no width, and one very long cell must not push all others aside. */
function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, Math.min(cell.length, 44));
  }
  return widths;
}
