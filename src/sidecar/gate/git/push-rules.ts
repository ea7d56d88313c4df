/** Which refs of a push the rules allow, as far as its head tells; and what is still to be shown by its pack. */
import { matchesRef, matchesRepo, shortRef } from "../../../core/git-rules.ts";
import type { GitRule } from "../../../core/git-rules.ts";
import { isZero } from "./push-head.ts";
import type { PushCommand } from "./push-head.ts";

/** A ref that is not updated, and why. */
export interface RefusedRef {
  readonly ref: string;
  /** A few words of printable ASCII */
  readonly reason: string;
}

/** What the rules say of one repository. */
export interface RepoGrant {
  readonly repo: string;
  /** Patterns of refs that may be pushed */
  readonly push: readonly string[];
  /** Those that may be deleted and moved backwards too */
  readonly force: readonly string[];
  /** Rules of the look whose findings go through */
  readonly allow: readonly string[];
}

/** What all the rules that name the repository allow together; undefined if none does. */
export function findGrant(rules: readonly GitRule[], repo: string): RepoGrant | undefined {
  const named = rules.filter((one) => matchesRepo(repo, one.repo));
  if (named.length === 0) return undefined;
  return {
    repo,
    push: named.flatMap((one) => one.push),
    force: named.flatMap((one) => (one.force ? one.push : [])),
    allow: named.flatMap((one) => one.allow),
  };
}

/** The refs that the rules refuse by their names, or for a deletion. */
export function judgeCommands({ push, force }: RepoGrant, commands: readonly PushCommand[]): RefusedRef[] {
  return commands.flatMap(({ ref, new: next }) => {
    if (!push.some((one) => matchesRef(ref, one)))
      return [{ ref, reason: `not allowed here: ${listRefs(push)}` }];
    if (isZero(next) && !mayForce(force, ref)) return [{ ref, reason: "deleting it is not allowed" }];
    return [];
  });
}

/** `push to agent/* only` */
function listRefs(push: readonly string[]): string {
  return push.length === 0
    ? "this repository may only be read"
    : `push to ${push.map(shortRef).join(", ")} only`;
}

/** The updates of which the pack has to show that they lose nothing. */
export function findUpdates({ force }: RepoGrant, commands: readonly PushCommand[]): PushCommand[] {
  return commands.filter((one) => !isZero(one.old) && !isZero(one.new) && !mayForce(force, one.ref));
}

function mayForce(force: readonly string[], ref: string): boolean {
  return force.some((one) => matchesRef(ref, one));
}
