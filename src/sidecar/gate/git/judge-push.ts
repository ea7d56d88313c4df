/** The whole decision about a push: by its head, then by its pack. Nothing of it has gone on when this says no. */
import { escapeForTerminal } from "../../../core/text.ts";
import type { Looker } from "../inspect/looker.ts";
import { GitProblem } from "./problem.ts";
import { readKnownFiles } from "./known-files.ts";
import type { AskServer } from "./known-files.ts";
import { packLimits } from "./pack.ts";
import type { PackLimits } from "./pack.ts";
import { isZero } from "./push-head.ts";
import type { PushHead } from "./push-head.ts";
import { isKnown, lookAtPush } from "./push-look.ts";
import type { PushFinding } from "./push-look.ts";
import type { PushedObjects } from "./pushed-objects.ts";
import { findUpdates, judgeCommands } from "./push-rules.ts";
import type { RefusedRef, RepoGrant } from "./push-rules.ts";

/** Why a push is refused, for git and for the user. */
export interface RefusedPush {
  readonly refs: readonly RefusedRef[];
  /** Shown after `remote:` */
  readonly lines: readonly string[];
  /** One clause, for the log */
  readonly reason: string;
}

export interface PushJudge {
  readonly looker: Looker;
  /** Reports what was found, and gives what of it refuses the push. */
  readonly judge: (
    found: readonly PushFinding[],
    allowed: readonly string[],
  ) => { readonly rule: string; readonly where: string; readonly fingerprint: string } | undefined;
  readonly limits?: PackLimits;
  /** Asks the server for what it has; without it everything that is found counts as new */
  readonly ask?: AskServer;
}

/** By the names of its refs; undefined if they are all allowed. */
export function judgeHead(grant: RepoGrant, head: PushHead): RefusedPush | undefined {
  const refs = judgeCommands(grant, head.commands);
  const [first] = refs;
  if (!first) return undefined;
  return {
    refs,
    lines: [`claude-bottle refused this push to ${grant.repo}: ${first.ref} is ${first.reason}.`, ...advice],
    reason: `push to ${first.ref} of ${grant.repo}: ${first.reason}`,
  };
}

/** It is no fault, and trying again does not help. */
const advice = ["It is a rule of the user's (git in claude-bottle.json). Retrying will not help."];

/** By its pack; undefined if it may go on. */
export async function judgePack(
  grant: RepoGrant,
  head: PushHead,
  pack: Buffer,
  { looker, judge, ask, limits = packLimits }: PushJudge,
): Promise<RefusedPush | undefined> {
  const refuse = (reason: string, lines: readonly string[], refs = head.commands): RefusedPush => ({
    refs: refs.map(({ ref }) => ({ ref, reason })),
    lines: [`claude-bottle refused this push to ${grant.repo}:`, ...lines],
    reason: `push to ${refs[0]?.ref ?? "?"} of ${grant.repo}: ${reason}`,
  });
  try {
    const updates = findUpdates(grant, head.commands);
    if (head.commands.every((one) => isZero(one.new))) {
      return pack.length === 0 ? undefined : refuse("a deletion with a pack", ["a deletion brings no pack"]);
    }
    const { found, objects } = await lookAtPush(looker, pack, head, limits);
    const lost = updates.filter((one) => one.old !== one.new && !objects.leadsTo(one.new, one.old));
    if (lost.length > 0)
      return refuse("not seen to be a fast-forward", explainForced(lost[0]?.ref ?? ""), lost);
    const added = ask ? await dropKnown(found, { looker, ask, limits, head, objects }) : found;
    const blocking = added.length > 0 ? judge(added, grant.allow) : undefined;
    return blocking && refuse(`it holds a secret (${blocking.rule})`, explainFinding(blocking, grant.repo));
  } catch (error) {
    if (!(error instanceof GitProblem)) throw error;
    return refuse(error.message, [error.message]);
  }
}

interface Known {
  readonly looker: Looker;
  readonly ask: AskServer;
  readonly limits: PackLimits;
  readonly head: PushHead;
  readonly objects: PushedObjects;
}

/** Without what an earlier version of the same file, which the server has, holds too: it is not brought by this push. */
async function dropKnown(
  found: readonly PushFinding[],
  { looker, ask, limits, head, objects }: Known,
): Promise<readonly PushFinding[]> {
  const paths = [...new Set(found.flatMap((one) => one.path ?? []))];
  const commits = [...new Set([...head.commands.map((one) => one.old), ...objects.bases()])].filter(
    (id) => !isZero(id),
  );
  const known = await readKnownFiles(ask, { hash: head.hash, commits, paths }, limits);
  return found.filter((one) => one.path === undefined || !isKnown(looker, one, known.get(one.path) ?? []));
}

function explainForced(ref: string): string[] {
  return [
    `${ref} does not move forward by commits of this push, as far as they show.`,
    'Forced updates need "force": true in the rule. Push to a new branch, or merge the old tip and push again.',
  ];
}

function explainFinding(
  { rule, where, fingerprint }: { rule: string; where: string; fingerprint: string },
  repo: string,
): string[] {
  return [
    `it holds a secret (${rule}) in ${escapeForTerminal(where)}, fingerprint ${fingerprint}. Nothing of it was sent.`,
    `Take it out of the commits. To let this kind through, the user writes "allow": ["${rule}"] in the rule for ${repo}.`,
  ];
}
