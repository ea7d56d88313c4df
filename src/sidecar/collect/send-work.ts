/** The work of one repository, sent as commits, refs and files. */
import { join } from "node:path";
import { readRefs } from "./agent-refs.ts";
import { writeArchive } from "./archive.ts";
import { writeBundle } from "./bundle.ts";
import { linkMode } from "./changes.ts";
import type { Collected } from "./collect-repository.ts";
import { writeDifference } from "./difference.ts";
import { readEntries } from "./edit-tree.ts";
import { tryGit } from "./git.ts";
import { findBrought, findIgnored } from "./ignored.ts";
import { collectInner } from "./inner-repositories.ts";
import { collectWorktree } from "./linked-worktrees.ts";
import { findLost } from "./lost-commits.ts";
import { writeObject } from "./own-objects.ts";
import { createRefs } from "./own-refs.ts";
import { remember, tell } from "./problems.ts";
import { tellStage } from "./progress.ts";
import { collectedRefs } from "../../protocol/collect.ts";
import type { IgnoredOutput } from "../../protocol/collect.ts";
import { sendFile, sendJson } from "./send.ts";
import { commitTree, treeOf } from "./work-tree.ts";

/** Sends every section that there is something for. */
export async function sendWork(collected: Collected): Promise<void> {
  const { task, repository, tree } = collected;
  const { request, base, number, gitFolder } = task;
  const { place, head } = repository;
  const { limits } = request;
  // Of a folder without a commit; one inside has commits around it
  const isPatch = !base || (base.path === "" && base.head === "" && head === undefined);
  tellStage("pack");
  // A program that waits for nothing of the others
  const ignored = base?.path === "" ? listIgnored(collected) : undefined;
  ignored?.catch(() => undefined);
  if (!isPatch && tree !== undefined) {
    const id = await commitTree(place, head, tree, `Uncommitted changes of ${request.title}\n`);
    if (id !== undefined) await createRefs(place, [[collectedRefs.uncommitted, id]]);
  }
  await commitStaged(collected).catch(remember(base?.path));
  await collectWorktrees(collected);
  await collectInner({
    place,
    workTree: task.workTree,
    folders: collected.inner,
    title: request.title,
  }).catch(remember(base?.path));
  await nameLost(collected).catch(remember(base?.path));
  const file = join(gitFolder, "work.bundle");
  const { hasHistory } = request;
  if (await writeBundle({ place, file, tips: base?.tips ?? [], hasHistory, onProblem: tell }))
    await sendFile(file, limits.bundleBytes, (bytes) => ({ section: "bundle", repository: number, bytes }));
  if (base && repository.changed.length > 0)
    await sendJson(repository.changed, (bytes) => ({ section: "refs", repository: number, bytes }));
  if (isPatch) {
    const patch = join(gitFolder, "changes.patch");
    if (await writeDifference(collected, patch, ["-p", "--binary", "--full-index"]))
      await sendFile(patch, limits.patchBytes, (bytes) => ({ section: "patch", bytes }));
  }
  if (ignored) await sendIgnored(collected, ignored).catch(remember("ignored files"));
}

/** What was added and then changed again, or taken off the disk: only the index still has it. */
async function commitStaged({ task, repository, agent, tree, wentIn }: Collected): Promise<void> {
  const { place, head } = repository;
  if (head === undefined || !wentIn) return;
  const before = new Map([...wentIn.absent, ...wentIn.files.map((one) => [one.path, one.indexId] as const)]);
  const fresh = [...agent.indexed].filter(
    ([path, one]) =>
      one.mode !== linkMode && one.stage === 0 && !one.isUnwatched && before.get(path) !== one.id,
  );
  if (fresh.length === 0) return;
  const paths = fresh.map(([path]) => path);
  const committed = await treeOf(place, head);
  const places = [await readEntries(place, committed, paths)];
  if (tree !== undefined && tree !== committed) places.push(await readEntries(place, tree, paths));
  // The index has it for a file, too, that was only said to be added one day, whose content it does not have
  const nothing = writeObject(place, "blob", Buffer.alloc(0));
  const isStaged = fresh.some(([path, { mode, id }]) => {
    const entries = places.map((one) => one.get(path));
    const last = entries.at(-1);
    if (id === nothing && last !== undefined) return false;
    return !entries.some((entry) => entry?.id === id && entry.mode === mode);
  });
  if (!isStaged) return;
  // A conflict has no tree
  const index = await tryGit(agent.place, ["write-tree"]);
  if (index === undefined) return;
  const id = await commitTree(place, head, index.trim(), `Staged changes of ${task.request.title}\n`);
  if (id !== undefined) await createRefs(place, [[collectedRefs.staged, id]]);
}

async function collectWorktrees({ task, repository, worktrees }: Collected): Promise<void> {
  const { request } = task;
  const { place, source } = repository;
  if (!source || worktrees.length === 0) return;
  const refs = readRefs(source.common);
  for (const worktree of worktrees) {
    await collectWorktree(worktree, {
      place,
      refs,
      title: request.title,
      reachable: request.workspace ?? "",
      saved: request.saved ?? undefined,
      hasSaved: request.hasSaved,
      onOutside: (name) => tell(`worktree ${name}: it is outside of the workspace`, "outside"),
      unlock: () => false,
      onProblem: tell,
    }).catch(remember(`worktree ${worktree.name}`));
  }
}

async function nameLost({ task, repository }: Collected): Promise<void> {
  const { place, source } = repository;
  if (!source) return;
  const ours = [...(place.refs?.values() ?? [])];
  const all = [...readRefs(source.common).values(), ...ours, ...(task.base?.tips ?? [])];
  const lost = await findLost(place, source.common, [...new Set(all)], ours);
  await createRefs(
    place,
    lost.map((id) => [`${collectedRefs.lost}/${id.slice(0, 12)}`, id]),
  );
}

interface IgnoredWork {
  /** Asked for; bytes as latin1 */
  readonly brought: readonly string[];
  readonly ignored: readonly IgnoredOutput[];
}

async function listIgnored({ task, agent, others }: Collected): Promise<IgnoredWork> {
  const brought = await findBrought(agent.place, task.request.bring, others);
  return { brought, ignored: await findIgnored(agent.place, brought) };
}

async function sendIgnored({ task }: Collected, listed: Promise<IgnoredWork>): Promise<void> {
  const { request, workTree, gitFolder } = task;
  const { brought, ignored } = await listed;
  if (brought.length > 0) {
    const file = join(gitFolder, "brought.tar");
    await writeArchive(workTree, file, brought);
    await sendFile(file, request.limits.broughtBytes, (bytes) => ({ section: "brought", bytes }));
  }
  if (ignored.length > 0) await sendJson(ignored, (bytes) => ({ section: "ignored", bytes }));
}
