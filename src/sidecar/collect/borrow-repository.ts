/** A git folder of ours over an agent's: its objects are borrowed, its branches copied one by one, its settings never read. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { findCommits, git, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { collectedRefs } from "./protocol.ts";

const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** An agent with more branches than this has made them to trouble us */
const maxRefs = 2_000;

export interface BorrowedRepository {
  readonly place: GitPlace;
  /** Commit that is checked out; undefined before the first one */
  readonly head: string | undefined;
}

/** Makes it in `gitFolder`. A work tree whose `.git` is gone or spoilt gives one without commits. */
export async function borrowRepository(
  workTree: string,
  gitFolder: string,
  objectFormat: string,
  timeoutMs: number,
  alsoBorrow: string | undefined,
): Promise<BorrowedRepository> {
  const place: GitPlace = { gitFolder, workTree, index: `${gitFolder}/index`, timeoutMs };
  mkdirSync(gitFolder, { recursive: true });
  await git({ gitFolder, timeoutMs }, [
    "init",
    "--quiet",
    "--bare",
    "--template=",
    `--object-format=${objectFormat}`,
  ]);
  const source = findGitFolder(workTree);
  const borrowed = [source && join(source.common, "objects"), alsoBorrow].flatMap((path) => path ?? []);
  mkdirSync(join(gitFolder, "objects/info"), { recursive: true });
  writeFileSync(join(gitFolder, "objects/info/alternates"), borrowed.map((path) => `${path}\n`).join(""));
  if (!source) return { place, head: undefined };
  const refs = [...readPackedRefs(source.common), ...readLooseRefs(source.common)];
  await createRefs(place, refs.slice(0, maxRefs));
  await createStashes(place, source.common);
  await createWorktreeHeads(place, source.common);
  const head = await createHead(place, source.own);
  copyExcludes(source.common, gitFolder);
  return { place, head };
}

/** `.git` is a folder, or a file that names one (submodule, linked worktree); a worktree's folder names the common one. */
function findGitFolder(workTree: string): { readonly own: string; readonly common: string } | undefined {
  const entry = join(workTree, ".git");
  const file = readSmall(entry);
  const own = file === undefined ? entry : /^gitdir: ([^\n\0]+)/.exec(file)?.[1];
  if (own === undefined) return undefined;
  const folder = resolve(workTree, own);
  const shared = readSmall(join(folder, "commondir"))?.split("\n")[0];
  const common = shared ? (isAbsolute(shared) ? shared : resolve(folder, shared)) : folder;
  return isFolder(join(common, "objects")) && !/[\n"]/.test(common) ? { own: folder, common } : undefined;
}

type Ref = readonly [name: string, id: string];

/** Branches only; a line that is none is left out. */
function readPackedRefs(common: string): Ref[] {
  const lines = (readSmall(join(common, "packed-refs"), 16 * 1024 * 1024) ?? "").split("\n");
  return lines.flatMap((line): Ref[] => {
    const [id = "", name = ""] = line.split(" ");
    return objectId.test(id) && name.startsWith("refs/heads/") ? [[name, id]] : [];
  });
}

function readLooseRefs(common: string): Ref[] {
  const found: Ref[] = [];
  const walk = (name: string): void => {
    for (const entry of listFolder(join(common, name))) {
      if (found.length > maxRefs) return;
      const path = `${name}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else {
        const id = readSmall(join(common, path))?.trim();
        if (id !== undefined && objectId.test(id)) found.push([path, id]);
      }
    }
  };
  walk("refs/heads");
  return found;
}

/** One after the other where the whole list is refused: a bad name or a missing commit costs that one branch. */
async function createRefs(place: GitPlace, refs: readonly Ref[]): Promise<void> {
  // A loose ref goes before a packed one of the same name
  const wanted = [...new Map(refs)].filter(([name]) => !/[\0-\x20\x7f]/.test(name));
  const render = (some: readonly Ref[]) => some.map(([name, id]) => `update ${name} ${id}\n`).join("");
  const update = ["update-ref", "--stdin"];
  const encode = (some: readonly Ref[]) => ({ input: Buffer.from(render(some), "utf8") });
  const commits = await findCommits(
    place,
    wanted.map(([, id]) => id),
  );
  const usable = wanted.filter(([, id]) => commits.has(id));
  if (usable.length === 0 || (await tryGit(place, update, encode(usable))) !== undefined) return;
  for (const ref of usable) await tryGit(place, update, encode([ref]));
}

/** Shelved work is work: every entry of the stash, newest first. */
async function createStashes(place: GitPlace, common: string): Promise<void> {
  const log = readSmall(join(common, "logs/refs/stash"), 1024 * 1024) ?? "";
  const logged = log.split("\n").flatMap((line) => line.split(" ")[1] ?? []);
  const single = readSmall(join(common, "refs/stash"))?.trim();
  const ids = logged.length > 0 ? logged.toReversed() : single === undefined ? [] : [single];
  const refs = ids
    .filter((id) => objectId.test(id))
    .slice(0, 100)
    .map((id, index): Ref => [`${collectedRefs.stash}/${index}`, id]);
  await createRefs(place, refs);
}

/** Linked worktrees that are on no branch. */
async function createWorktreeHeads(place: GitPlace, common: string): Promise<void> {
  const refs = listFolder(join(common, "worktrees"))
    .slice(0, 100)
    .flatMap((entry): Ref[] => {
      const id = readSmall(join(common, "worktrees", entry.name, "HEAD"))?.trim() ?? "";
      return objectId.test(id) ? [[`${collectedRefs.worktrees}/${entry.name}`, id]] : [];
    });
  await createRefs(place, refs);
}

async function createHead(place: GitPlace, own: string): Promise<string | undefined> {
  const text = readSmall(join(own, "HEAD"))?.trim() ?? "";
  if (objectId.test(text)) {
    await createRefs(place, [[collectedRefs.detached, text]]);
    return (
      await tryGit(place, ["rev-parse", "--verify", "--quiet", `${collectedRefs.detached}^{commit}`])
    )?.trim();
  }
  const branch = /^ref: (refs\/heads\/[^\0-\x20\x7f]+)$/.exec(text)?.[1];
  if (branch === undefined) return undefined;
  const name = Buffer.from(branch, "utf8").toString("utf8");
  return (await tryGit(place, ["rev-parse", "--verify", "--quiet", `${name}^{commit}`]))?.trim();
}

/** What the agent told git to ignore here and nowhere else. */
function copyExcludes(common: string, gitFolder: string): void {
  const text = readSmall(join(common, "info/exclude"), 1024 * 1024);
  if (text === undefined) return;
  const target = join(gitFolder, "info/exclude");
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

/**
 * The text of a plain file that is not large; undefined for everything else. An agent that runs may put a pipe in its place at any moment,
 * which must not be waited for: it is opened without waiting, and what was opened is looked at.
 */
function readSmall(path: string, maxBytes = 4_096): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = fstatSync(file);
      return status.isFile() && status.size <= maxBytes ? readFileSync(file, "utf8") : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function listFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
