/** The objects that go into a bottle, as one pack: what the refs, the index and an operation in progress need, and nothing else. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireGit, runGit, unreadable } from "../git.ts";
import type { Env } from "../git.ts";
import type { CarriedIndex } from "./carried-index.ts";
import { namedObjects } from "./operation.ts";
import type { OperationFile } from "./operation.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { isPartial } from "./settings.ts";
import { gitlinkMode } from "./tracked.ts";

/** Deltas that are there are taken over, and no new ones are looked for: that costs more than it saves on the way */
const packing = ["--revs", "--delta-base-offset", "--window=0", "--threads=2", "-q"];

/** Writes the pack into `objects/pack` below `gitFolder`. */
export async function packObjects(
  facts: RepositoryFacts,
  index: CarriedIndex,
  operation: readonly OperationFile[],
  gitFolder: string,
  env: Env,
): Promise<void> {
  const { folder, refs, head } = facts;
  await mkdir(join(gitFolder, "objects/pack"), { recursive: true });
  const named = await findPresent(folder, namedObjects(operation), env);
  const ids = [head, ...refs.map((ref) => ref.id), ...named].filter(Boolean);
  const partial = isPartial(facts.settings) ? ["--missing=allow-any"] : [];
  const pack = (more: readonly string[], extras: readonly string[]) => {
    const words = ["-c", "pack.compression=1", "pack-objects", ...packing, ...partial, ...more];
    const input = [...new Set([...ids, ...extras])].map((id) => `${id}\n`).join("");
    const { variables } = index;
    return runGit(folder, [...words, join(gitFolder, "objects/pack/pack")], env, { input, variables });
  };
  if (ids.length === 0 && index.file === undefined) return;
  // An index can name what is not there, which costs no more than that
  const name =
    (await pack(index.file === undefined ? [] : ["--indexed-objects"], [])) ??
    (await pack([], await findPresent(folder, await stagedObjects(facts, index, env), env)));
  if (name === undefined) throw unreadable(folder, "git could not pack its objects");
  // Missing objects are those that the remote has: git in the bottle is to know that, too
  if (partial.length > 0) await Bun.write(join(gitFolder, `objects/pack/pack-${name.trim()}.promisor`), "");
}

/** What was added and not committed. */
async function stagedObjects(facts: RepositoryFacts, index: CarriedIndex, env: Env): Promise<string[]> {
  const unmerged = facts.tracked
    .filter((one) => one.stage > 0 && one.mode !== gitlinkMode)
    .map((one) => one.id);
  if (facts.head === "") return facts.tracked.filter((one) => one.mode !== gitlinkMode).map((one) => one.id);
  if (index.file === undefined) return [];
  const words = [
    "diff-index",
    "--cached",
    "-z",
    "--raw",
    "--no-renames",
    "--full-index",
    "--ignore-submodules=all",
    "HEAD",
  ];
  const { variables } = index;
  const [text, undo] = await Promise.all([
    requireGit(facts.folder, words, env, { variables }),
    runGit(facts.folder, ["ls-files", "-z", "--resolve-undo"], env, { variables }),
  ]);
  const staged = [...text.matchAll(/(?:^|\0):\d{6} \d{6} [0-9a-f]+ ([0-9a-f]+) [A-Z]/g)].map(
    ([, id = ""]) => id,
  );
  const undone = [...(undo ?? "").matchAll(/(?:^|\0)\d{6} ([0-9a-f]+) [1-3]\t/g)].map(([, id = ""]) => id);
  return [...unmerged, ...staged, ...undone].filter((id) => /[^0]/.test(id));
}

/** Those of the ids that the repository has. */
async function findPresent(folder: string, ids: readonly string[], env: Env): Promise<string[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const words = ["cat-file", "--batch-check=%(objecttype)", "--buffer"];
  const answer = await requireGit(folder, words, env, { input: wanted.map((id) => `${id}\n`).join("") });
  const types = answer.split("\n");
  return wanted.filter((_, at) => /^(commit|tree|blob|tag)$/.test(types[at] ?? ""));
}
