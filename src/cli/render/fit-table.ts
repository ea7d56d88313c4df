/** A table of running bottles on a terminal that is too narrow for all of it; a script gets every column, and `--json` has them too. */
import { endOf, widthOf } from "../../core/text-width.ts";

type Rows = readonly (readonly string[])[];

/** What is done without, the least needed first */
const dispensable = ["RUNTIME", "WORKSPACE", "MEMORY", "BLOCKED", "AGE"] as const;
/** The end of a path, which is what tells it from others */
const leastPath = 12;
const gap = 2;

/** Leaves columns out until a row fits a line; the workspace, which is last, is cut at its beginning first. Undefined is any width. */
export function fitTable(rows: Rows, width: number | undefined): Rows {
  let fitting = rows;
  for (const title of ["", ...dispensable]) {
    fitting = without(fitting, title);
    if (width === undefined || widthOfTable(fitting) <= width) return fitting;
    const last = (fitting[0]?.length ?? 0) - 1;
    const room = width - (widthOfTable(fitting) - columnWidth(fitting, last));
    if (fitting[0]?.[last] === "WORKSPACE" && room >= leastPath)
      return fitting.map((row) => [...row.slice(0, last), shorten(row[last] ?? "", room)]);
  }
  return fitting;
}

function without(rows: Rows, title: string): Rows {
  const at = rows[0]?.indexOf(title) ?? -1;
  return at < 0 ? rows : rows.map((row) => row.toSpliced(at, 1));
}

function widthOfTable(rows: Rows): number {
  return (rows[0] ?? []).reduce((sum, _, column) => sum + columnWidth(rows, column) + gap, -gap);
}

function columnWidth(rows: Rows, column: number): number {
  return Math.max(...rows.map((row) => widthOf(row[column] ?? "")));
}

function shorten(path: string, room: number): string {
  return widthOf(path) <= room ? path : `…${endOf(path, room - 1)}`;
}
