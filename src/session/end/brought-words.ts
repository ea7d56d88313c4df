/** What is said about work that was brought back, and how to go on with it. */
import type { MemoryNote } from "../../protocol/memory-note.ts";
import type { BroughtRef, LeftOutput } from "../../protocol/receipt.ts";
import { commandLine, quoteForShell } from "../../core/shell-quote.ts";
import { countOf, escapeForTerminal, quote, renderBytes } from "../../core/text.ts";
import { quotePlace } from "../../host/quote-place.ts";
import type { World } from "../../host/world.ts";
import type { BroughtWork } from "./bring-back.ts";

const maxLeft = 6;

export interface BroughtContext {
  readonly world: Pick<World, "cwd" | "home">;
  readonly session: string;
  /** What to type for the session */
  readonly bottleName: string;
  /** Absolute folder of the record */
  readonly record: string;
  readonly workspace: string | undefined;
  /** True if the bottle goes on, so that nothing is kept because of a problem */
  readonly isRunning: boolean;
  /** Only problems are told */
  readonly isQuiet?: boolean | undefined;
}

/** Lines for people. Names of refs are the agent's choice and were cleaned; they are escaped all the same. */
export function renderBrought(work: Omit<BroughtWork, "isCut">, context: BroughtContext): string[] {
  const { session, record, world } = context;
  if (context.isQuiet) return renderProblems(work, context);
  const lines: string[] = [];
  const stem = `refs/bottles/${session}/`;
  for (const path of new Set(work.refs.map((ref) => ref.repository))) {
    const refs = work.refs.filter((ref) => ref.repository === path);
    const where = path === "" ? "" : ` into ${escapeForTerminal(path)}`;
    lines.push(`Pulled${where}:`);
    const lost = refs.filter((ref) => ref.ref.startsWith(`${stem}lost/`));
    for (const ref of refs) if (!lost.includes(ref)) lines.push(`  ${describeRef(ref, stem)}`);
    if (lost.length > 0)
      lines.push(
        `  ${stem}lost/  ${countOf(lost.length, "commit")} that only the reflog still had, with their ancestors`,
      );
  }
  const first = pickFirst(work.refs, stem);
  if (first) {
    const folder = [context.workspace ?? "", first.repository].filter(Boolean).join("/");
    const at = folder === world.cwd || folder === "" ? "git" : `git -C ${quotePlace(folder, world)}`;
    lines.push(`Look:   ${at} log --oneline --stat ${quoteForShell(`HEAD..${first.ref}`)}`);
    lines.push(`Merge:  ${commandLine`claude-bottle merge ${context.bottleName}`}`);
  }
  if (work.files.includes("changes.patch")) {
    const quotedPatch = quotePlace(`${record}/changes.patch`, world);
    lines.push(
      `What the agent changed is in ${quotedPatch}`,
      `Look:   git apply --stat ${quotedPatch}`,
      `Apply:  git apply ${quotedPatch}`,
    );
  }
  if (work.files.includes("commits.bundle"))
    lines.push(`Commits: git clone ${quotePlace(`${record}/commits.bundle`, world)} FOLDER`);
  if (work.files.includes("brought"))
    lines.push(`Ignored files are in ${quotePlace(`${record}/brought`, world)}`);
  if (work.memory) lines.push(...renderMemory(work.memory, session));
  const refused = (work.refused ?? []).slice(0, maxLeft).map((line) => `Not pulled: ${line}`);
  return [...lines, ...refused, ...renderLeft(work.leftOutput ?? []), ...renderProblems(work, context)];
}

/** What of it is taken is the user's to say. */
function renderMemory({ changed, removed, refused }: MemoryNote, session: string): string[] {
  const files = changed.length + removed.length;
  const problems = refused.map((sentence) => `Not pulled of Claude's memory: ${escapeForTerminal(sentence)}`);
  if (files === 0) return problems;
  return [
    `Claude's memory of this project was changed, ${countOf(files, "file")}; yours is not. Look, and take it: ${commandLine`claude-bottle memory ${session}`}`,
    ...problems,
  ];
}

function describeRef({ ref, commits, renamedFrom }: BroughtRef, stem: string): string {
  const was = renamedFrom === undefined ? "" : ` (was ${quote(renamedFrom)} in the bottle)`;
  // Quoted, since it is copied into commands
  return `${quoteForShell(ref)}  ${describeContent(ref.slice(stem.length), commits)}${was}`;
}

function describeContent(name: string, commits: number): string {
  if (name === "uncommitted") return "uncommitted changes, as a commit";
  if (name === "staged") return "staged changes that were changed again, as a commit";
  const worktree = /^worktrees\/([^/]+)\/uncommitted$/.exec(name)?.[1];
  if (worktree !== undefined)
    return `uncommitted changes in worktree ${escapeForTerminal(worktree)}, as a commit`;
  return commits === 0 ? "a commit that you already have" : countOf(commits, "new commit");
}

/** What git ignores goes with the bottle; whoever built something there wants to know. */
export function renderLeft(output: readonly LeftOutput[]): string[] {
  if (output.length === 0) return [];
  const shown = output.slice(0, maxLeft).map(({ path, bytes, isMore }) => {
    const size = `${isMore ? "over " : ""}${renderBytes(bytes)}`;
    return `${escapeForTerminal(path)} (${size})`;
  });
  const more = output.length > maxLeft ? ` and ${output.length - maxLeft} more` : "";
  return [
    `Ignored by git, so removed with the bottle: ${shown.join(", ")}${more}. "bring" in the manifest keeps such files.`,
  ];
}

/** The one to look at first: a branch with its own name, and of several the one with most new commits. */
function pickFirst(refs: readonly BroughtRef[], stem: string): BroughtRef | undefined {
  const rank = ({ ref, commits }: BroughtRef) => {
    // A branch without a new commit says less than what was not committed
    if (!ref.startsWith(`${stem}heads/`)) return /\/?uncommitted$/.test(ref) ? 0.5 : -1;
    if (commits === 0) return 0;
    return ref.startsWith(`${stem}heads/renamed-`) ? 0.7 : 1 + commits;
  };
  return refs.toSorted((a, b) => rank(b) - rank(a))[0];
}

function renderProblems(
  work: Omit<BroughtWork, "isCut">,
  { bottleName, isRunning }: BroughtContext,
): string[] {
  if (work.problems.length === 0) return [];
  return [
    "Not everything could be pulled:",
    ...work.problems.slice(0, 10).map((problem) => `  ${problem}`),
    ...(work.problems.length > 10 ? [`  and ${work.problems.length - 10} more`] : []),
    ...describeKept(work, bottleName, isRunning),
  ];
}

function describeKept(work: Omit<BroughtWork, "isCut">, bottleName: string, isRunning: boolean): string[] {
  if (isRunning) return [];
  if (work.isGone) return ["It is gone: the volumes that held it were removed."];
  return [
    `The work is kept. Try again with "${commandLine`claude-bottle pull ${bottleName}`}", or discard it with "claude-bottle cleanup --discard-work".`,
  ];
}
