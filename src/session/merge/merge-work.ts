/** An agent's work in the user's branch and work tree: commits are merged, and what was not committed is applied as changes. */
import { commandLine } from "../../core/shell-quote.ts";
import { countOf, escapeForTerminal, escapeLines } from "../../core/text.ts";
import { runGitBytes, runGitLine } from "../../host/git.ts";
import { mergeLimits, runMergeGit } from "../../host/merge-git.ts";
import { quotePlace } from "../../host/quote-place.ts";
import type { World } from "../../host/world.ts";
import type { Mergeable, SessionRef } from "./pick-branch.ts";

export type MergeMode =
  | { readonly kind: "merge" | "squash" | "no-commit" }
  /** Makes a branch of it and touches nothing that is checked out */
  | { readonly kind: "branch"; readonly name: string };

export interface MergeRequest {
  /** Absolute */
  readonly folder: string;
  readonly bottleName: string;
  /** Undefined if only what was not committed is there */
  readonly branch: SessionRef | undefined;
  readonly uncommitted: SessionRef | undefined;
  readonly mode: MergeMode;
}

export interface Merged {
  /** For people; escaped */
  readonly lines: readonly string[];
  readonly isWhole: boolean;
}

/** Does not throw if git refuses: it reports that. Nothing is half-applied except what git itself calls a conflict. */
export async function mergeWork(world: World, request: MergeRequest): Promise<Merged> {
  const { branch, uncommitted, mode } = request;
  const merged = branch ? await mergeBranch(world, request, branch) : { lines: [], isWhole: true };
  if (!uncommitted) return merged;
  if (!merged.isWhole || mode.kind === "branch")
    return {
      ...merged,
      lines: [...merged.lines, `Not applied: ${describeApply(world, request, uncommitted)}`],
    };
  const applied = await applyChanges(world, request, uncommitted);
  return { lines: [...merged.lines, ...applied.lines], isWhole: applied.isWhole };
}

async function mergeBranch(world: World, request: MergeRequest, branch: SessionRef): Promise<Merged> {
  const { folder, mode, bottleName } = request;
  const { env } = world;
  const commits = await countCommits(folder, `HEAD..${branch.id}`, env);
  if (mode.kind === "branch") {
    const made = await runMergeGit(folder, ["branch", "--no-track", "--", mode.name, branch.id], env);
    const name = escapeForTerminal(mode.name);
    return made.isFine
      ? { lines: [`Made branch ${name} with ${commits}; nothing was checked out.`], isWhole: true }
      : { lines: [`Cannot make branch ${name}:`, ...quoteGit(made.lines)], isWhole: false };
  }
  const flags = { merge: ["--no-edit"], squash: ["--squash"], "no-commit": ["--no-commit", "--no-ff"] }[
    mode.kind
  ];
  const message = mode.kind === "squash" ? [] : ["-m", `Merge the work of ${bottleName}`];
  const done = await runMergeGit(folder, ["merge", "--quiet", ...flags, ...message, branch.ref], env);
  if (!done.isFine) return { lines: tellConflict(world, folder, done.lines), isWhole: false };
  const what = {
    merge: `Merged ${commits}`,
    squash: `Staged the changes of ${commits}; "git commit" commits them`,
    "no-commit": `Merged ${commits} without committing; "git commit" commits the merge`,
  }[mode.kind];
  return { lines: [`${what}.`], isWhole: true };
}

function tellConflict(world: World, folder: string, lines: readonly string[]): string[] {
  const isConflict = lines.some((line) => line.startsWith("CONFLICT"));
  const git = gitAt(world, folder);
  return [
    "Git could not merge it:",
    ...quoteGit(lines),
    ...(isConflict
      ? [`Resolve the conflicts and run "${git} commit", or undo it with "${git} merge --abort".`]
      : []),
  ];
}

/** As changes of the work tree, all or none; where they do not fit, as a merge of three sides with its conflicts marked. */
async function applyChanges(world: World, request: MergeRequest, { id }: SessionRef): Promise<Merged> {
  const { folder } = request;
  const { env } = world;
  // The plumbing, whose output no setting of the user's changes
  const words = [
    "diff-tree",
    "-p",
    "--binary",
    "--full-index",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    `${id}^`,
    id,
  ];
  const patch = await runGitBytes(folder, words, env);
  if (!patch) return { lines: ["Git cannot read the uncommitted changes."], isWhole: false };
  if (patch.length === 0) return { lines: [], isWhole: true };
  const apply = (...flags: string[]) =>
    runMergeGit(folder, ["apply", "--whitespace=nowarn", ...flags, "-"], env, patch);
  const names =
    (await runGitBytes(
      folder,
      ["diff-tree", "-r", "--name-only", "-z", "--no-renames", `${id}^`, id],
      env,
    )) ?? [];
  const count = countOf([...names].filter((byte) => byte === 0).length, "file");
  if ((await apply()).isFine)
    return { lines: [`Applied uncommitted changes to the work tree: ${count}.`], isWhole: true };
  if ((await apply("--check", "--reverse")).isFine)
    return { lines: ["The uncommitted changes are already in the work tree."], isWhole: true };
  const merged = await apply("--3way");
  if (merged.isFine)
    return { lines: [`Applied uncommitted changes, and staged them: ${count}.`], isWhole: true };
  return {
    lines: [
      "The uncommitted changes do not apply to the work tree:",
      ...quoteGit(merged.lines),
      describeApply(world, request, request.uncommitted),
    ],
    isWhole: false,
  };
}

function describeApply(world: World, { folder }: MergeRequest, uncommitted: SessionRef | undefined): string {
  if (!uncommitted) return "";
  return `the uncommitted changes are kept: ${gitAt(world, folder)} ${commandLine`cherry-pick --no-commit ${uncommitted.ref}`}`;
}

/** Of a folder without a repository. Git applies it there all the same. */
export async function applyPatchFile(world: World, folder: string, path: string): Promise<Merged> {
  const applied = await runMergeGit(folder, ["apply", "--whitespace=nowarn", "--", path], world.env);
  if (applied.isFine)
    return { lines: [`Applied the changes to ${quotePlace(folder, world)}.`], isWhole: true };
  const isDone = await runMergeGit(folder, ["apply", "--check", "--reverse", "--", path], world.env);
  return isDone.isFine
    ? { lines: ["The changes are already in the folder."], isWhole: true }
    : {
        lines: ["The changes do not apply to the folder as it is now:", ...quoteGit(applied.lines)],
        isWhole: false,
      };
}

/** What the session brought and nobody merged, a line each. */
export function nameRest(
  { branches, others }: Pick<Mergeable, "branches" | "others">,
  chosen?: SessionRef,
): string[] {
  return [...branches.filter((one) => one !== chosen), ...others].map(
    (one) => `Not merged: ${escapeForTerminal(one.ref)}`,
  );
}

/** How to merge by hand, within the same limits. */
export function mergeByHand(world: World, folder: string, ref: string): string {
  const limits = mergeLimits.map((limit) => `-c ${limit}`).join(" ");
  return `${gitAt(world, folder)} ${limits} merge ${commandLine`${ref}`}`;
}

function gitAt(world: World, folder: string): string {
  return folder === world.cwd ? "git" : `git -C ${quotePlace(folder, world)}`;
}

async function countCommits(folder: string, range: string, env: World["env"]): Promise<string> {
  const count = Number(await runGitLine(folder, ["rev-list", "--count", range], env));
  return countOf(Number.isNaN(count) ? 0 : count, "commit");
}

const maxGitLines = 12;

function quoteGit(lines: readonly string[]): string[] {
  const shown = lines.slice(0, maxGitLines).map((line) => `  ${escapeLines(line)}`);
  return lines.length > maxGitLines ? [...shown, `  and ${lines.length - maxGitLines} lines more`] : shown;
}
