/**
 * The collector: brings out what an agent made. It runs in a container of its own, without a network, over the agent's volume, which
 * it cannot write to: git's work on what an agent wrote happens here and not on the host.
 */
import { mkdtempSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import type { RepositoryBase } from "../../core/repository-base.ts";
import { borrowRepository } from "./borrow-repository.ts";
import type { BorrowedRepository } from "./borrow-repository.ts";
import { writeBundle } from "./bundle.ts";
import { git, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { collectedRefs } from "./protocol.ts";
import type { CollectRequest } from "./protocol.ts";
import { sendFile, sendHeader, sendProblem } from "./send.ts";
import { writeTranscript } from "./transcript.ts";
import { commitWorkTree, writeWorkTree } from "./work-tree.ts";

const area = mkdtempSync("/tmp/collect-");

interface Collected {
  readonly base: RepositoryBase | undefined;
  readonly repository: BorrowedRepository;
  /** Undefined if the work tree could not be read */
  readonly tree: string | undefined;
}

async function run(request: CollectRequest): Promise<void> {
  if (request.workspace !== null) await collectWork(request, request.workspace);
  if (request.transcripts !== null && request.task === "bring-back") {
    const file = join(area, "transcript.tar");
    const { transcriptBytes } = request.limits;
    if (await writeTranscript(request.transcripts, file, transcriptBytes, tell))
      await sendFile(file, transcriptBytes, (bytes) => ({ section: "transcript", bytes }));
  }
  await flushProblems();
  await sendHeader({ section: "end", bytes: 0 });
}

/** Repositories inside go first, so that the one around them can note which commit each is at. */
async function collectWork(request: CollectRequest, workspace: string): Promise<void> {
  const { repositories, limits } = request;
  const emptyGitFolder = join(area, "empty.git");
  await borrowRepository("/nonexistent", emptyGitFolder, "sha1", limits.commandMs, undefined);
  const order = [...repositories.keys()].toSorted(
    (a, b) => (repositories[b]?.path.length ?? 0) - (repositories[a]?.path.length ?? 0),
  );
  const heads: { path: string; head: string | undefined }[] = [];
  const collect = async (base: RepositoryBase | undefined, number: number) => {
    const path = base?.path ?? "";
    const nested = heads.filter((one) => path === "" || one.path.startsWith(`${path}/`));
    const inside = nested.map((one) => ({
      head: one.head,
      path: toBytes(path === "" ? one.path : one.path.slice(path.length + 1)),
    }));
    const collected = await collectRepository(
      request,
      base,
      join(workspace, path),
      number,
      inside,
      emptyGitFolder,
    );
    heads.push({ path, head: collected.repository.head });
    await report(request, collected, number);
    await flushProblems();
  };
  for (const number of order)
    await collect(repositories[number], number).catch(remember(repositories[number]?.path));
  if (!repositories.some((one) => one.path === "")) await collect(undefined, -1).catch(remember(""));
}

async function collectRepository(
  request: CollectRequest,
  base: RepositoryBase | undefined,
  workTree: string,
  number: number,
  nested: readonly { readonly path: string; readonly head: string | undefined }[],
  emptyGitFolder: string,
): Promise<Collected> {
  const gitFolder = join(area, `${number}.git`);
  const borrows = request.before === null ? undefined : join(request.before, "objects");
  const format = base?.objectFormat ?? "sha1";
  const repository = await borrowRepository(workTree, gitFolder, format, request.limits.commandMs, borrows);
  const { place, head } = repository;
  try {
    const tree = await writeWorkTree({ place, head, emptyGitFolder, nested, onProblem: tell });
    return { base, repository, tree };
  } catch (error) {
    remember(base?.path)(error);
    return { base, repository, tree: undefined };
  }
}

async function report(request: CollectRequest, collected: Collected, number: number): Promise<void> {
  if (request.task === "bring-back") await sendWork(request, collected, number);
  else await sendText(request, collected, number);
}

async function sendWork(
  request: CollectRequest,
  { base, repository, tree }: Collected,
  number: number,
): Promise<void> {
  const { place, head } = repository;
  const { limits } = request;
  if (base && tree !== undefined) {
    const id = await commitWorkTree(place, head, tree, `Uncommitted changes of ${request.title}\n`);
    if (id !== undefined) await git(place, ["update-ref", collectedRefs.uncommitted, id]);
  }
  const file = join(area, `${number}.bundle`);
  if (await writeBundle(place, file, base?.tips ?? [], tell))
    await sendFile(file, limits.bundleBytes, (bytes) => ({ section: "bundle", repository: number, bytes }));
  if (!base && tree !== undefined) {
    const from = await readBefore(request, place);
    const patch = join(area, "changes.patch");
    await writeDiff(place, patch, ["-p", "--binary", "--full-index", from, tree]);
    await sendFile(patch, limits.patchBytes, (bytes) => ({ section: "patch", bytes }));
  }
}

async function sendText(
  request: CollectRequest,
  { base, repository, tree }: Collected,
  number: number,
): Promise<void> {
  const { place, head } = repository;
  const from = base
    ? ((await tryGit(place, ["rev-parse", "--verify", "--quiet", `${base.head}^{tree}`])) ?? "").trim()
    : await readBefore(request, place);
  const to = tree ?? head;
  if (to === undefined) return;
  const file = join(area, `${number}.text`);
  const prefix =
    base && base.path !== "" ? [`--src-prefix=a/${base.path}/`, `--dst-prefix=b/${base.path}/`] : [];
  const style = request.task === "stat" ? ["--stat=100", "--summary"] : ["-p", ...prefix];
  await writeDiff(place, file, [...style, from || (await emptyTree(place)), to]);
  await sendFile(file, request.limits.patchBytes, (bytes) => ({ section: "text", bytes }));
}

async function writeDiff(place: GitPlace, file: string, words: readonly string[]): Promise<void> {
  const output = openSync(file, "w");
  try {
    await git(place, ["diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", ...words], {
      output,
    });
  } finally {
    closeSync(output);
  }
}

async function readBefore(request: CollectRequest, place: GitPlace): Promise<string> {
  if (request.before === null) return emptyTree(place);
  const at: GitPlace = { gitFolder: request.before, timeoutMs: place.timeoutMs };
  const tree = (await tryGit(at, ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"]))?.trim();
  if (tree !== undefined) return tree;
  tell("what went in is not known any more, so the patch holds every file");
  return emptyTree(place);
}

function emptyTree(place: GitPlace): Promise<string> {
  return git(place, ["hash-object", "-w", "-t", "tree", "--stdin"]).then((id) => id.trim());
}

const problems: string[] = [];

function tell(text: string): void {
  if (problems.length < 50) problems.push(text);
}

function remember(path: string | undefined): (error: unknown) => void {
  return (error) =>
    tell(
      `${path === undefined || path === "" ? "the workspace" : path}: ${error instanceof Error ? error.message : String(error)}`,
    );
}

async function flushProblems(): Promise<void> {
  for (const text of problems.splice(0)) await sendProblem(text);
}

function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The request is one line; what holds stdin open afterwards must not hold us. */
async function readRequest(): Promise<CollectRequest> {
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    const end = text.indexOf("\n");
    if (end >= 0) return JSON.parse(text.slice(0, end)) as CollectRequest;
  }
  throw new Error("stdin ended before the request came");
}

process.stdin.setEncoding("utf8");
readRequest()
  .then(run)
  .then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
        process.exit(1),
      );
    },
  );
