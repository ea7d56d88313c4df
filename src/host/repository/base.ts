/** A repository as it went in, for telling later what is new in it. */
import type { RepositoryBase } from "../../core/repository-base.ts";
import type { RepositoryFacts } from "./read-repository.ts";

/** What a bundle need not hold is told by these; of a repository with more, some commits come back a second time */
const maxTips = 2_000;

/** Of every commit that a ref led to, the one that is checked out first. */
export function makeBase({ path, objectFormat, head, refs }: RepositoryFacts): RepositoryBase {
  const ids = [head, ...refs.map((ref) => ref.peeled ?? ref.id)].filter(Boolean);
  return { path, objectFormat, head, tips: [...new Set(ids)].slice(0, maxTips) };
}
