/**
 * The collector: brings out what an agent made. It runs in a container of its own, without a network, over the agent's volume, which
 * it cannot write to: git's work on what an agent wrote happens here and not on the host.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RepositoryBase } from "../../core/repository-base.ts";
import { isFolder, standInForWorkTree } from "./agent-git-folder.ts";
import { endQuestions } from "./ask-git.ts";
import { collectRepository, toBytes } from "./collect-repository.ts";
import type { Collected } from "./collect-repository.ts";
import type { NestedRepository } from "./links.ts";
import { writeDifference } from "./difference.ts";
import { makeGitFolder } from "./own-objects.ts";
import { flushProblems, remember, tell } from "./problems.ts";
import type { CollectRequest } from "../../protocol/collect.ts";
import { beginSending, sendFile, sendHeader } from "./send.ts";
import { sendWork } from "./send-work.ts";
import { writeTranscript } from "./transcript.ts";

const area = mkdtempSync("/tmp/collect-");
// Where an agent runs beside it, it leaves nothing behind
process.on("exit", () => rmSync(area, { recursive: true, force: true }));
endFirst();

/** Where memory runs out beside an agent, this is what ends, and not the agent (proc_pid_oom_score_adj(5)). */
function endFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // gVisor may have none
  }
}

async function run(request: CollectRequest): Promise<void> {
  beginSending(request.limits.totalBytes);
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
  const { repositories } = request;
  const emptyGitFolder = join(area, "empty.git");
  makeGitFolder(emptyGitFolder, "sha1");
  const order = [...repositories.keys()].toSorted(
    (a, b) => (repositories[b]?.path.length ?? 0) - (repositories[a]?.path.length ?? 0),
  );
  const done: NestedRepository[] = [];
  const collect = async (base: RepositoryBase | undefined, number: number) => {
    const path = base?.path ?? "";
    const { workTree, isGone } = placeWorkTree(workspace, path, number);
    const inside = done.filter((one) => path === "" || one.path.startsWith(`${path}/`));
    const collected = await collectRepository({
      request,
      base,
      number,
      workTree,
      isGone,
      gitFolder: join(area, `${number}.git`),
      nested: inside.map((one) => ({
        ...one,
        path: toBytes(path === "" ? one.path : one.path.slice(path.length + 1)),
      })),
      emptyGitFolder,
    });
    done.push({ path, before: base?.head ?? "", head: collected.repository.head });
    await report(collected);
    endQuestions(collected.repository.place);
    await flushProblems();
  };
  for (const number of order)
    await collect(repositories[number], number).catch(remember(repositories[number]?.path));
  if (!repositories.some((one) => one.path === "")) await collect(undefined, -1).catch(remember(""));
}

/** A repository whose folder the agent took away has no files, and may still have commits. */
function placeWorkTree(workspace: string, path: string, number: number) {
  const folder = join(workspace, path);
  if (path === "" || isFolder(folder)) return { workTree: folder, isGone: false };
  const workTree = join(area, `${number}.gone`);
  standInForWorkTree(workTree, workspace, path);
  return { workTree, isGone: true };
}

async function report(collected: Collected): Promise<void> {
  const { request, base, gitFolder } = collected.task;
  if (request.task === "bring-back") return sendWork(collected);
  const file = join(gitFolder, "text");
  const path = base?.path ?? "";
  const prefix = path === "" ? [] : [`--src-prefix=a/${path}/`, `--dst-prefix=b/${path}/`];
  const style = request.task === "stat" ? ["--stat=100", "--summary"] : ["-p", ...prefix];
  if (await writeDifference(collected, file, style))
    await sendFile(file, request.limits.patchBytes, (bytes) => ({ section: "text", bytes }));
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
