/** A git folder of ours over an agent's: its objects are borrowed, its branches copied one by one, its settings never read. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WentIn } from "../../core/went-in.ts";
import { findGitFolder, objectId, readSmall } from "./agent-git-folder.ts";
import type { AgentGitFolder } from "./agent-git-folder.ts";
import { findChanged, readRefs } from "./agent-refs.ts";
import type { Ref } from "./agent-refs.ts";
import { findCommits } from "./ask-git.ts";
import type { GitPlace } from "./git.ts";
import { makeGitFolder } from "./own-objects.ts";
import { createRefs } from "./own-refs.ts";
import { collectedRefs } from "../../protocol/collect.ts";

/** A git folder of ours that has the agent's objects, and no refs yet. */
export interface OwnRepository {
  readonly place: GitPlace;
  readonly source: AgentGitFolder | undefined;
}

export interface BorrowedRepository extends OwnRepository {
  /** Commit that is checked out; undefined before the first one */
  readonly head: string | undefined;
  /** Branches, tags and notes that are not as they went in */
  readonly changed: readonly Ref[];
}

export interface BorrowRequest {
  readonly workTree: string;
  /** Is made */
  readonly gitFolder: string;
  readonly objectFormat: string;
  readonly timeoutMs: number;
  /** Folders of objects beside the agent's own */
  readonly alsoBorrow: readonly string[];
  readonly wentIn: WentIn | undefined;
}

/** A work tree whose `.git` is gone or spoilt gives one without commits. */
export function borrowRepository(request: BorrowRequest): OwnRepository {
  const { workTree, gitFolder, objectFormat, timeoutMs, wentIn } = request;
  makeGitFolder(gitFolder, objectFormat);
  const place: GitPlace = {
    gitFolder,
    workTree,
    index: `${gitFolder}/index`,
    timeoutMs,
    objectFormat,
    refs: new Map(),
    settings: writeSettings(gitFolder, wentIn),
  };
  const source = findGitFolder(workTree);
  const borrowed = [...(source ? [join(source.common, "objects")] : []), ...request.alsoBorrow];
  writeFileSync(join(gitFolder, "objects/info/alternates"), borrowed.map((path) => `${path}\n`).join(""));
  if (source) copyState(source.common, gitFolder);
  return { place, source };
}

/** Takes the agent's refs over, as far as they are new or moved and are to be brought back, and finds what is checked out. */
export async function borrowRefs(
  { place, source }: OwnRepository,
  wentIn: WentIn | undefined,
  isBroughtBack: boolean,
): Promise<Pick<BorrowedRepository, "head" | "changed">> {
  if (!source) return { head: undefined, changed: [] };
  const refs = readRefs(source.common);
  if (!isBroughtBack) return { head: await createHead(place, source.own, refs, wentIn), changed: [] };
  const changed = findChanged(refs, wentIn?.refs ?? []);
  await createRefs(
    place,
    changed.map(([name, id]) => [placeOf(name), id]),
  );
  await createStashes(place, source.common);
  return { head: await createHead(place, source.own, refs, wentIn), changed };
}

/** The user's own lists, and how git treats files in the bottle. */
function writeSettings(gitFolder: string, wentIn: WentIn | undefined): string[] {
  const { settings = {}, ignore = "", attributes = "" } = wentIn?.head ?? {};
  writeFileSync(join(gitFolder, "user-ignore"), ignore, "latin1");
  writeFileSync(join(gitFolder, "user-attributes"), attributes, "latin1");
  return [
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    `core.excludesFile=${join(gitFolder, "user-ignore")}`,
    `core.attributesFile=${join(gitFolder, "user-attributes")}`,
  ];
}

/** Branches keep their names, since what is under them is checked out; the rest goes where nothing of git's own is. */
function placeOf(name: string): string {
  return name.startsWith("refs/heads/") ? name : `refs/claude-bottle/${name.slice("refs/".length)}`;
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

/** The commit that is checked out. A head on no branch gets a ref, unless it is where it was when it went in. */
async function createHead(
  place: GitPlace,
  own: string,
  refs: ReadonlyMap<string, string>,
  wentIn: WentIn | undefined,
): Promise<string | undefined> {
  const head = readHead(own);
  const id = head?.startsWith("refs/") ? refs.get(head) : head;
  if (id === undefined || !(await findCommits(place, [id])).has(id)) return undefined;
  if (id === head && id !== wentIn?.head.commit) await createRefs(place, [[collectedRefs.detached, id]]);
  return id;
}

/** An id, or the full name of a branch. */
export function readHead(own: string): string | undefined {
  const text = readSmall(join(own, "HEAD"))?.trim() ?? "";
  return objectId.test(text) ? text : /^ref: (refs\/heads\/[^\0-\x20\x7f]+)$/.exec(text)?.[1];
}

/** What the agent told git here and nowhere else: what it ignores, how it treats files, and where history ends. */
function copyState(common: string, gitFolder: string): void {
  for (const name of ["info/exclude", "info/attributes", "shallow"]) {
    const text = readSmall(join(common, name), 1024 * 1024, "latin1");
    if (text === undefined) continue;
    mkdirSync(dirname(join(gitFolder, name)), { recursive: true });
    writeFileSync(join(gitFolder, name), text, "latin1");
  }
  // Objects that only the remote has are not missed, if git knows that there is a remote
  const packs = join(common, "objects/pack");
  if (!existsSync(packs) || !readdirSync(packs).some((name) => name.endsWith(".promisor"))) return;
  appendFileSync(
    join(gitFolder, "config"),
    '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n',
  );
}
