/** Rows in columns, two spaces apart. */
import { padTo, widthOf } from "../../core/text-width.ts";

/** Ends with a line break. Every row has as many cells as the first. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => padTo(cell, widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
