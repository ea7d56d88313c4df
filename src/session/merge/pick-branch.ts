/** What of a session's refs is to be merged: the branch that the agent was on, and what it had not committed. */
import { runGit, runGitLine } from "../../host/git.ts";
import type { Env } from "../../host/git.ts";

export interface SessionRef {
  readonly id: string;
  /** `refs/bottles/k3f9q2/heads/main` */
  readonly ref: string;
}

export interface Mergeable {
  /** Branches with commits that the checked out commit does not have; none contains another */
  readonly branches: readonly SessionRef[];
  /** The one that the agent had checked out, where that can be told */
  readonly current: SessionRef | undefined;
  readonly uncommitted: SessionRef | undefined;
  /** Everything else of the session */
  readonly others: readonly SessionRef[];
}

/** Of one repository. */
export async function readMergeable(folder: string, session: string, env: Env): Promise<Mergeable> {
  const refs = await listSessionRefs(folder, session, env);
  const stem = `refs/bottles/${session}/`;
  const uncommitted = refs.find((one) => one.ref === `${stem}uncommitted`);
  const heads = refs.filter((one) => one.ref.startsWith(`${stem}heads/`));
  const branches = await findNew(folder, heads, env);
  const below =
    uncommitted && (await runGitLine(folder, ["rev-parse", "--verify", `${uncommitted.id}^`], env));
  const own = await runGitLine(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"], env);
  const current =
    branches.find((one) => one.id === below) ??
    branches.find((one) => one.ref === `${stem}heads/${own}`) ??
    (branches.length === 1 ? branches[0] : undefined);
  const others = refs.filter((one) => one !== uncommitted && !heads.includes(one));
  return { branches, current, uncommitted, others };
}

/** All refs that the session brought into this repository. */
export async function listSessionRefs(folder: string, session: string, env: Env): Promise<SessionRef[]> {
  const words = ["for-each-ref", "--format=%(objectname) %(refname)", `refs/bottles/${session}/`];
  const text = (await runGit(folder, words, env)) ?? "";
  return text.split("\n").flatMap((line) => {
    const [id = "", ref = ""] = line.split(" ");
    return ref === "" ? [] : [{ id, ref }];
  });
}

/** Of several at the same commit the first; a branch that another one contains comes with that one. */
async function findNew(folder: string, heads: readonly SessionRef[], env: Env): Promise<SessionRef[]> {
  if (heads.length === 0) return [];
  const text = await runGit(folder, ["merge-base", "--independent", ...heads.map((one) => one.id)], env);
  const tips = new Set(text?.split("\n") ?? heads.map((one) => one.id));
  const found: SessionRef[] = [];
  for (const head of heads) {
    if (!tips.has(head.id) || found.some((one) => one.id === head.id)) continue;
    const count = await runGitLine(folder, ["rev-list", "--count", `HEAD..${head.id}`], env);
    if (count !== "0") found.push(head);
  }
  return found;
}
