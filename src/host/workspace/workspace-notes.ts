/** What a user should know of a copy before it is made: everything that does not go in as it lies there. */
import { basename } from "node:path";
import { countOf } from "../../core/text.ts";
import type { PlannedRepository } from "../repository/repository-entries.ts";
import { isPartial } from "../repository/settings.ts";

const maxNames = 5;

/** A sentence for each kind of thing; names are not escaped. */
export function noteOdd(
  repositories: readonly PlannedRepository[],
  leftOut: readonly { readonly path: string; readonly reason: string }[],
): string[] {
  const paths = (pick: (one: PlannedRepository) => Iterable<string>) =>
    repositories.flatMap((one) =>
      [...pick(one)].map((path) => (one.facts.path === "" ? path : `${one.facts.path}/${path}`)),
    );
  const lines = [
    tell(
      paths(({ planned }) => planned.asCommitted),
      "copied as committed (made by a filter such as Git LFS)",
    ),
    tell(
      paths(({ planned }) => planned.odd.filtered),
      "copied as on disk (made by a filter, and changed)",
    ),
    tell(
      paths(({ planned }) => planned.odd.unwatched),
      "copied without your edits (skip-worktree or assume-unchanged)",
    ),
    tell(
      paths(({ planned }) => planned.absent),
      "left out as excluded; earlier versions are in the history",
    ),
    tell(
      paths(({ planned }) => planned.odd.unreadable),
      "left out: cannot be read",
    ),
    tell(
      paths(({ planned }) => planned.odd.special),
      "left out: not a plain file",
    ),
    ...repositories
      .filter(({ facts }) => isElsewhere(facts))
      .map(({ facts }) => `${facts.path || "the repository"}: its history comes from ${facts.commonFolder}`),
    ...repositories.flatMap(({ facts }) =>
      facts.borrowsFrom.map((from) => `${facts.path || "the repository"}: it borrows objects from ${from}`),
    ),
    ...leftOut.map(({ path, reason }) => `${path}: stays out, because ${reason}`),
    ...repositories
      .filter((one) => isPartial(one.facts.settings))
      .map(
        ({ facts }) =>
          `${facts.path || "the repository"}: a partial clone, goes in with the objects that are here`,
      ),
  ];
  return lines.filter((line) => line !== "");
}

/** Not in the folder, nor in the repository that it is a worktree or a submodule of. */
function isElsewhere(facts: PlannedRepository["facts"]): boolean {
  const { folder, gitFolder, commonFolder, settings } = facts;
  if (gitFolder !== commonFolder) return false;
  const named = settings.some(([key]) => key === "core.worktree");
  return !named && basename(commonFolder) !== ".git" && !commonFolder.startsWith(`${folder}/`);
}

function tell(paths: readonly string[], what: string): string {
  if (paths.length === 0) return "";
  const names = paths.slice(0, maxNames).join(", ");
  const more = paths.length > maxNames ? ` and ${paths.length - maxNames} more` : "";
  return `${countOf(paths.length, "file")} ${what}: ${names}${more}`;
}
