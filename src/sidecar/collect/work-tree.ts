/** The work tree as a commit: an index of ours on top of HEAD takes in every file that is not ignored, whatever kind of mess it is. */
import { accessSync, constants, lstatSync } from "node:fs";
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";

export interface WorkTreeRequest {
  readonly place: GitPlace;
  /** Commit below it; undefined for none */
  readonly head: string | undefined;
  /** An empty git folder, for looking into repositories that lie in the work tree */
  readonly emptyGitFolder: string;
  /** Folders that are collected by themselves, with the commit to note for each; relative to the work tree */
  readonly nested: readonly { readonly path: string; readonly head: string | undefined }[];
  readonly onProblem: (text: string) => void;
}

/** Writes the tree and returns its id. */
export async function writeWorkTree(request: WorkTreeRequest): Promise<string> {
  const { place, head, nested } = request;
  await git(place, head === undefined ? ["read-tree", "--empty"] : ["read-tree", head]);
  const known = splitNames(await git(place, ["ls-files", "-z", "--stage"])).map(parseStage);
  const links = new Set(known.filter((one) => one.mode === "160000").map((one) => one.path));
  const others = await listOthers(request, place, "");
  const paths = [...known.map((one) => one.path), ...others].filter((path) => !links.has(path));
  await updateIndex(request, paths);
  const heads = nested.flatMap(({ path, head: id }) =>
    id !== undefined && links.has(path) ? [`160000 ${id}\t${path}\0`] : [],
  );
  if (heads.length > 0)
    await git(place, ["update-index", "-z", "--index-info"], {
      input: Buffer.from(heads.join(""), "latin1"),
    });
  return (await git(place, ["write-tree"])).trim();
}

/** A tree that differs from HEAD's becomes a commit on top of it. Undefined if there is nothing that is not committed. */
export async function commitWorkTree(
  place: GitPlace,
  head: string | undefined,
  tree: string,
  message: string,
): Promise<string | undefined> {
  if (head !== undefined && (await git(place, ["rev-parse", `${head}^{tree}`])).trim() === tree)
    return undefined;
  if (head === undefined && (await git(place, ["ls-tree", tree])) === "") return undefined;
  const parents = head === undefined ? [] : ["-p", head];
  return (await git(place, ["commit-tree", tree, ...parents], { input: message })).trim();
}

function parseStage(line: string): { readonly mode: string; readonly path: string } {
  const tab = line.indexOf("\t");
  return { mode: line.slice(0, 6), path: line.slice(tab + 1) };
}

/** Untracked files. Git stops at a repository inside; its files are looked for as if it were a folder like any other. */
async function listOthers(request: WorkTreeRequest, place: GitPlace, prefix: string): Promise<string[]> {
  const found: string[] = [];
  const listed = splitNames(await git(place, ["ls-files", "-z", "--others", "--exclude-standard"]));
  for (const name of listed) {
    const path = prefix + name;
    if (!name.endsWith("/")) {
      found.push(path);
      continue;
    }
    const folder = path.slice(0, -1);
    if (request.nested.some((one) => one.path === folder)) continue;
    const workTree = `${place.workTree}/${Buffer.from(name.slice(0, -1), "latin1").toString("utf8")}`;
    const inside: GitPlace = {
      gitFolder: request.emptyGitFolder,
      workTree,
      index: `${request.emptyGitFolder}/index`,
      timeoutMs: place.timeoutMs,
    };
    try {
      found.push(...(await listOthers(request, inside, path)));
    } catch (error) {
      request.onProblem(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}

/** Files and links are taken in, what is gone or of another kind goes out, what cannot be read stays as it was and is told. */
async function updateIndex(request: WorkTreeRequest, paths: readonly string[]): Promise<void> {
  const { place } = request;
  const usable: string[] = [];
  const gone: string[] = [];
  for (const path of paths) {
    const full = Buffer.from(`${place.workTree}/`, "utf8");
    const kind = lookAt(Buffer.concat([full, Buffer.from(path, "latin1")]));
    if (kind === "usable") usable.push(path);
    else if (kind === "gone") gone.push(path);
    else request.onProblem(`${path}: ${kind}`);
  }
  if (gone.length > 0)
    await git(place, ["update-index", "-z", "--force-remove", "--stdin"], renderPaths(gone));
  if (usable.length > 0)
    await git(
      place,
      ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"],
      renderPaths(usable),
    );
}

function renderPaths(paths: readonly string[]): { readonly input: Buffer } {
  return { input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1") };
}

function lookAt(path: Buffer): "usable" | "gone" | "it cannot be read" {
  try {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isSymbolicLink()) return "usable";
    if (!status?.isFile()) return "gone";
    accessSync(path, constants.R_OK);
    return "usable";
  } catch {
    return "it cannot be read";
  }
}

function splitNames(text: string): string[] {
  return text.split("\0").filter(Boolean);
}
