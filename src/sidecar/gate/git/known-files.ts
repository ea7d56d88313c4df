/**
 * What a server has already: earlier versions of the files in which a push seems to bring a secret. Asked for only then, as git would ask
 * (protocol v2): first the folders of the commits that the push builds on, then the files themselves.
 */
import { GitProblem } from "./problem.ts";
import { openObjects } from "./pack-objects.ts";
import type { PackObject } from "./pack-objects.ts";
import type { HashName, PackLimits } from "./pack.ts";
import { malformed, readPacket, writePacket } from "./pkt-line.ts";
import { findEntry, readCommit } from "./read-objects.ts";

/** Sends the body of a fetch to the server, and gives the body of its answer. */
export type AskServer = (body: Buffer) => Promise<Buffer>;

export interface WantedFiles {
  readonly hash: HashName;
  readonly commits: readonly string[];
  readonly paths: readonly string[];
}

const mostCommits = 8;
const mostPaths = 200;

/** Contents by path, of each commit that has it. Resolves with less, or with nothing, if the server does not give them. */
export async function readKnownFiles(
  ask: AskServer,
  { hash, commits, paths }: WantedFiles,
  limits: PackLimits,
): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  const bases = commits.slice(0, mostCommits);
  if (bases.length === 0 || paths.length === 0) return new Map();
  try {
    const open = async (wants: readonly string[], more: readonly string[]) =>
      openAll(readAnswer(await ask(writeRequest(hash, wants, more))), hash, limits);
    const folders = await open(bases, ["deepen 1", "filter blob:none"]);
    const ids = new Map(
      paths
        .slice(0, mostPaths)
        .map((path) => [path, bases.flatMap((base) => findFile(folders, base, path, hash) ?? [])]),
    );
    const wanted = [...new Set([...ids.values()].flat())];
    const files = wanted.length === 0 ? new Map<string, PackObject>() : await open(wanted, []);
    return new Map([...ids].map(([path, all]) => [path, all.flatMap((id) => files.get(id)?.bytes ?? [])]));
  } catch {
    // Then what was found counts as new
    return new Map();
  }
}

function writeRequest(hash: HashName, wants: readonly string[], more: readonly string[]): Buffer {
  const lines = ["no-progress", "ofs-delta", ...more, ...wants.map((id) => `want ${id}`), "done"];
  const head = ["command=fetch", "agent=claude-bottle", `object-format=${hash}`];
  return Buffer.concat([...head, "delimiter", ...lines, "flush"].map((line) => writePacket(line)));
}

/** The pack in an answer, https://git-scm.com/docs/protocol-v2#_fetch: sections, the last of which is in bands. */
function readAnswer(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let isPack = false;
  for (let at = 0; at < body.length;) {
    const read = readPacket(body, at);
    if (!read) throw malformed("the server's answer ends within a packet");
    at = read.next;
    if (typeof read.packet === "string") continue;
    if (!isPack) isPack = read.packet.toString("latin1").trim() === "packfile";
    else if (read.packet[0] === 1) pieces.push(read.packet.subarray(1));
    else if (read.packet[0] === 3) throw malformed("the server does not answer");
  }
  return Buffer.concat(pieces);
}

async function openAll(pack: Buffer, hash: HashName, limits: PackLimits): Promise<Map<string, PackObject>> {
  const objects = new Map<string, PackObject>();
  let kept = 0;
  await openObjects(pack, hash, limits, (one) => {
    kept += one.bytes.length;
    if (kept > limits.keptBytes) throw new GitProblem("git-rule", "the server's answer is too large");
    objects.set(one.id, one);
  });
  return objects;
}

/** The id of the file at a path of a commit. */
function findFile(
  objects: ReadonlyMap<string, PackObject>,
  commit: string,
  path: string,
  hash: HashName,
): string | undefined {
  const top = objects.get(commit);
  let id = top && readCommit(top.bytes).tree;
  for (const name of path.split("/")) {
    const folder = id === undefined ? undefined : objects.get(id);
    if (folder?.kind !== "tree") return undefined;
    id = findEntry(folder.bytes, hash, name);
  }
  return id;
}
