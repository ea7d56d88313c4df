/** Files of the user's that go in by name, in rows for the preflight. */
import { countOf, quote, renderBytes } from "../core/text.ts";
import { at } from "./at-source.ts";
import type { FilesPlan } from "./plan.ts";

/** More names say nothing that the first ones did not */
const maxNames = 10;

/** What goes where, from where and how much of it, and what does not go. */
export function describeFiles({
  target,
  path,
  files,
  bytes,
  digest,
  leftOut,
  source,
}: FilesPlan): string[][] {
  return [
    [target, `${countOf(files, "file")}, ${renderBytes(bytes)}`, at(source)],
    ["", "from", `${path} (${digest.slice(0, 8)}…)`],
    ...(leftOut.length === 0 ? [] : [["", "without", describeLeftOut(leftOut)]]),
  ];
}

function describeLeftOut(paths: readonly string[]): string {
  const names = paths.slice(0, maxNames).map((path) => quote(path));
  const more = paths.length > maxNames ? ` and ${paths.length - maxNames} more` : "";
  const what =
    paths.length === 1
      ? "which leads out of the folder or is a special file"
      : "which lead out of the folder or are special files";
  return `${names.join(", ")}${more}, ${what}`;
}
