/**
 * The law of rest: what a bottle is before an agent has done anything.
 *
 * 1. `git status --porcelain=v2 --branch` says in it what it says on the host, in the workspace and in each repository inside that both
 *    have; and so does the part of `git status` that tells what git is in the middle of.
 * 2. Each ref in it is on the host at the same object, and the host's branches, tags and remote-tracking refs are all there.
 * 3. Files that git tracks or would track have the same content; but not those below a filter that is a program of the user's, and not
 *    the user's own edits under skip-worktree, which stay out.
 * 4. Nothing is in it that is ignored on the host, and no object of a commit that was thrown away.
 * 5. `git fsck` finds no fault that it does not find on the host.
 * 6. No program that the repository's settings name was run on the host.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CopiedIn } from "./bottle.ts";
import { thrownAway } from "./case.ts";
import type { Failure } from "./case.ts";
import { listWorktrees, readRefs } from "./read-repository.ts";
import { look, lookFor, run, splitNames } from "./run.ts";
import type { Env } from "./run.ts";
import { describeFile, findRepositories, isThere } from "./work-tree.ts";

export interface Sides {
  readonly project: string;
  readonly env: Env;
  readonly bottle: CopiedIn;
}

/** What is seen of the host before anything is copied: a look afterwards would run the programs that its settings name. */
export interface HostView {
  /** Repository's path → what `git status` says */
  readonly status: ReadonlyMap<string, string>;
  readonly progress: string;
  readonly ignored: readonly string[];
}

export async function viewHost(project: string, env: Env): Promise<HostView> {
  const inner = await listInner(project, env);
  const status = new Map<string, string>();
  const ignored: string[] = [];
  for (const path of ["", ...inner]) {
    const folder = join(project, path);
    status.set(path, await readStatus(folder, env));
    const listed = await lookFor(
      folder,
      env,
      "ls-files",
      "-z",
      "--others",
      "--ignored",
      "--exclude-standard",
    );
    ignored.push(...splitNames(listed).map((name) => (path === "" ? name : `${path}/${name}`)));
  }
  return { status, progress: await readProgress(project, env), ignored };
}

export async function checkRest(sides: Sides, host: HostView): Promise<Failure[]> {
  const failures = await Promise.all([
    checkStatus(sides, host),
    checkRefs(sides),
    checkContent(sides),
    checkLeftOut(sides, host),
    checkSound(sides),
  ]);
  return failures.flat();
}

/** Inside, as far as it is not ignored; linked worktrees are not among them. */
async function listInner(project: string, env: Env): Promise<string[]> {
  const worktrees = await listWorktrees(project, env);
  const inner = findRepositories(project).filter((path) => !worktrees.includes(`${project}/${path}`));
  const isIgnored = await Promise.all(
    inner.map((path) => look(project, env, "check-ignore", "-q", "--", path)),
  );
  return inner.filter((_, index) => isIgnored[index]?.code !== 0);
}

async function readStatus(folder: string, env: Env): Promise<string> {
  const { code, output, complaint } = await look(folder, env, "status", "--porcelain=v2", "--branch", "-z");
  return code === 0 ? output : `exit code ${code}: ${complaint}`;
}

/** What `git status` says before it comes to files; but where a head was detached from it reads in a reflog, which stays on the host. */
async function readProgress(folder: string, env: Env): Promise<string> {
  const settings = ["-c", "advice.statusHints=false", "-c", "core.abbrev=40", "-c", "status.short=false"];
  const text = await lookFor(folder, env, ...settings, "status", "--long");
  const [first = ""] = text.split(/^(?:Changes|Unmerged|Untracked|nothing|no changes)/m);
  return first.replace(/^(?:HEAD detached .*|Not currently on any branch\.)$/m, "detached");
}

async function checkStatus({ bottle }: Sides, host: HostView): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const [path, wanted] of host.status) {
    const folder = join(bottle.workspace, path);
    if (path !== "" && !existsSync(join(folder, ".git"))) continue;
    const found = await readStatus(folder, bottle.env);
    if (found === wanted) continue;
    // Nobody can tell without the filter's program, which no copy runs: the plan says so
    if (bottle.notices.some((line) => line.includes("made by a filter"))) continue;
    const kind = path === "" ? "rest:status" : "rest:status-inside";
    failures.push({ kind, detail: `${path}${compareLines(wanted, found)}` });
  }
  const progress = await readProgress(bottle.workspace, bottle.env);
  if (progress !== host.progress)
    failures.push({ kind: "rest:progress", detail: `host:\n${host.progress}bottle:\n${progress}` });
  return failures;
}

function compareLines(wanted: string, found: string): string {
  const [a, b] = [splitNames(wanted), splitNames(found)];
  const lines = [
    ...a.filter((line) => !b.includes(line)).map((line) => `host alone: ${line}`),
    ...b.filter((line) => !a.includes(line)).map((line) => `bottle alone: ${line}`),
  ];
  return lines.length > 0 ? lines.join("\n") : "in another order";
}

async function checkRefs({ project, env, bottle }: Sides): Promise<Failure[]> {
  const [host, inside] = await Promise.all([readRefs(project, env), readRefs(bottle.workspace, bottle.env)]);
  const failures: Failure[] = [];
  for (const [name, id] of inside)
    if (host.get(name) !== id)
      failures.push({
        kind: "rest:ref-extra",
        detail: `${name} is at ${id}, on the host at ${host.get(name) ?? "nothing"}`,
      });
  for (const [name, id] of host)
    if (/^refs\/(?:heads|tags|remotes)\//.test(name) && !inside.has(name))
      failures.push({ kind: `rest:${name.split("/")[1]}-missing`, detail: `${name} at ${id}` });
  return failures;
}

async function checkContent({ project, env, bottle }: Sides): Promise<Failure[]> {
  const [text, flagged] = await Promise.all([
    lookFor(project, env, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"),
    lookFor(project, env, "ls-files", "-z", "-v"),
  ]);
  const hidden = new Set(
    splitNames(flagged)
      // A small letter: assume-unchanged, which is used in the same way
      .filter((line) => /^(?:S|[a-z]) /.test(line))
      .map((line) => line.slice(2)),
  );
  const filtered = await listFiltered(project, env, text);
  const failures: Failure[] = [];
  for (const path of splitNames(text)) {
    const [wanted, found] = [describeFile(project, path), describeFile(bottle.workspace, path)];
    const detail = `${JSON.stringify(path)}: ${wanted ?? "nothing"}, in the bottle ${found ?? "nothing"}`;
    if (hidden.has(path)) {
      const isEdit = wanted !== undefined && found === wanted && (await isEdited(project, env, path));
      if (isEdit) failures.push({ kind: "rest:local-edit", detail });
    } else if (wanted !== found && !filtered.has(path)) failures.push({ kind: "rest:content", detail });
  }
  return failures;
}

/** Of these paths, separated by NUL, those for which attributes name a program. */
async function listFiltered(project: string, env: Env, paths: string): Promise<ReadonlySet<string>> {
  const { output } = await run(["git", "check-attr", "-z", "--stdin", "filter"], project, env, paths);
  const parts = output.split("\0");
  return new Set(
    parts.filter(
      (_, index) => index % 3 === 0 && !/^(?:unspecified|unset)$/.test(parts[index + 2] ?? "unset"),
    ),
  );
}

/** Whether what lies there is not what the index has. */
async function isEdited(project: string, env: Env, path: string): Promise<boolean> {
  const staged = await lookFor(project, env, "ls-files", "-s", "-z", "--", path);
  const { output } = await run(["git", "hash-object", "--", path], project, env);
  return staged.split(" ")[1] !== output.trim();
}

async function checkLeftOut({ bottle }: Sides, host: HostView): Promise<Failure[]> {
  const failures = host.ignored
    .filter((path) => isThere(bottle.workspace, path))
    .map((path) => ({ kind: "rest:ignored", detail: `${JSON.stringify(path)} is in the bottle` }));
  const id = await run(["git", "hash-object", "--stdin"], bottle.workspace, bottle.env, thrownAway);
  const found = await look(bottle.workspace, bottle.env, "cat-file", "-e", id.output.trim());
  if (found.code === 0)
    failures.push({ kind: "rest:thrown-away", detail: "a blob of a commit that no ref leads to" });
  return failures;
}

async function checkSound({ project, env, bottle }: Sides): Promise<Failure[]> {
  const words = ["fsck", "--no-dangling", "--no-progress"];
  const found = await look(bottle.workspace, bottle.env, ...words);
  if (found.code === 0 && !/missing|broken/.test(found.output)) return [];
  if ((await look(project, env, ...words)).code !== 0) return [];
  return [{ kind: "rest:fsck", detail: `${found.output}${found.complaint}`.trim() }];
}
