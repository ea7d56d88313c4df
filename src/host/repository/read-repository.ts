/** What a repository is, as git says it: looked at once, before the question, and carried as it was then. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { runGit, runGitLine, runGitNames, unreadable } from "../git.ts";
import type { Env } from "../git.ts";
import { findForeignObjects } from "../object-places.ts";
import { listRefs } from "./refs.ts";
import { findOtherCase } from "./other-case.ts";
import type { Ref } from "./refs.ts";
import { parseTracked } from "./tracked.ts";
import type { Tracked } from "./tracked.ts";

export interface RepositoryFacts {
  /** Absolute root of the work tree */
  readonly folder: string;
  /** Relative to the workspace; empty for the workspace itself */
  readonly path: string;
  /** Of this work tree, and of what linked ones share; absolute */
  readonly gitFolder: string;
  readonly commonFolder: string;
  readonly objectFormat: "sha1" | "sha256";
  /** Folders outside of it that its objects come from as well; the user has named them */
  readonly borrowsFrom: readonly string[];
  readonly isShallow: boolean;
  /** Commit that is checked out; empty before the first one */
  readonly head: string;
  /** `refs/heads/main`; empty for a detached head */
  readonly branch: string;
  readonly refs: readonly Ref[];
  /** Every setting in force, in git's order; keys as git writes them */
  readonly settings: readonly (readonly [key: string, value: string])[];
  /** The index file as it was; undefined if there is none */
  readonly index: { readonly bytes: Uint8Array; readonly changedAt: Date } | undefined;
  readonly tracked: readonly Tracked[];
  /** Files that git would track */
  readonly untracked: readonly string[];
  /** Folders with a repository of their own, which the index does not know */
  readonly nested: readonly string[];
  /** Folders without a file that goes in */
  readonly emptyFolders: readonly string[];
}

/** Looks at the repository whose root `folder` is. Throws if git does not read it. */
export async function readRepository(folder: string, path: string, env: Env): Promise<RepositoryFacts> {
  const place = await findPlace(folder, env);
  const ask = (words: readonly string[]) => runGitLine(folder, words, env);
  const [branch, head, refs, settings, listed, folders, index] = await Promise.all([
    ask(["symbolic-ref", "--quiet", "HEAD"]),
    ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]),
    listRefs(folder, env),
    readSettings(folder, env),
    runGitNames(folder, [...listing, "-t", "-v", "--stage", "--deduplicate", "--cached"], env),
    runGitNames(folder, [...listing, "--directory"], env),
    readIndex(place.index),
  ]);
  if (listed === undefined || refs === undefined) throw unreadable(folder, "git does not read it");
  const tracked = parseTracked(listed);
  const plain = listed.flatMap((line) => (line.startsWith("? ") ? [line.slice(2)] : []));
  const others = ignoresCase(settings)
    ? [
        ...plain,
        ...(await findOtherCase(
          folder,
          tracked.map((one) => one.path),
          plain,
          env,
        )),
      ]
    : plain;
  const nested = others.flatMap((name) => (name.endsWith("/") ? [name.slice(0, -1)] : []));
  const untracked = others.filter((name) => !name.endsWith("/"));
  return {
    folder,
    path,
    ...place,
    borrowsFrom: await findForeignObjects(place.commonFolder),
    head: head ?? "",
    branch: branch ?? "",
    refs,
    settings,
    index,
    tracked,
    untracked,
    nested,
    emptyFolders: findEmpty(folders ?? [], untracked, nested),
  };
}

function ignoresCase(settings: RepositoryFacts["settings"]): boolean {
  return settings.findLast(([key]) => key === "core.ignorecase")?.[1] === "true";
}

const listing = ["ls-files", "-z", "--others", "--exclude-standard"] as const;

async function findPlace(folder: string, env: Env) {
  const questions = [
    "--absolute-git-dir",
    "--git-common-dir",
    "--is-shallow-repository",
    "--show-object-format",
  ];
  const [text, index] = await Promise.all([
    runGit(folder, ["rev-parse", ...questions], env),
    runGitLine(folder, ["rev-parse", "--git-path", "index"], env),
  ]);
  const [gitFolder, commonFolder, isShallow, format] = text?.split("\n") ?? [];
  if (!gitFolder || !commonFolder || !index) throw unreadable(folder, "git does not read it");
  return {
    gitFolder,
    commonFolder: resolve(folder, commonFolder),
    isShallow: isShallow === "true",
    objectFormat: format === "sha256" ? ("sha256" as const) : ("sha1" as const),
    index: resolve(folder, index),
  };
}

async function readSettings(folder: string, env: Env): Promise<RepositoryFacts["settings"]> {
  const settings = await findSettings(folder, env);
  if (settings === undefined) throw unreadable(folder, "git does not read its configuration");
  return settings;
}

/** Every setting in force in a folder, in git's order; undefined if git does not read them, or is not there. */
export async function findSettings(
  folder: string,
  env: Env,
): Promise<RepositoryFacts["settings"] | undefined> {
  const text = await runGit(folder, ["config", "--list", "-z", "--includes"], env);
  return text?.split("\0").flatMap((entry) => {
    const end = entry.indexOf("\n");
    // A key alone means yes
    return entry === ""
      ? []
      : [end < 0 ? ([entry, "true"] as const) : ([entry.slice(0, end), entry.slice(end + 1)] as const)];
  });
}

async function readIndex(path: string): Promise<RepositoryFacts["index"]> {
  try {
    // A pipe is not waited for
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      return status.isFile() ? { bytes: await file.readFile(), changedAt: status.mtime } : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Git lists them as folders of others; those that hold something are listed by that, too. */
function findEmpty(
  folders: readonly string[],
  untracked: readonly string[],
  nested: readonly string[],
): string[] {
  const full = new Set(nested);
  for (const path of untracked) {
    for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) full.add(path.slice(0, end));
  }
  const isFull = (name: string) => full.has(name) || nested.some((one) => one.startsWith(`${name}/`));
  return folders.flatMap((name) =>
    name.endsWith("/") && !isFull(name.slice(0, -1)) ? [name.slice(0, -1)] : [],
  );
}
