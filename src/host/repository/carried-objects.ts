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
const packing = [
  "-c",
  "pack.compression=1",
  "pack-objects",
  "--delta-base-offset",
  "--window=0",
  "--threads=2",
  "-q",
];

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
  if (ids.length === 0 && index.file === undefined) return;
  const pack: Pack = {
    folder,
    ids,
    file: join(gitFolder, "objects/pack/pack"),
    variables: { ...index.variables, ...writeApart(facts, gitFolder) },
    env,
  };
  const indexed = index.file === undefined ? [] : ["--indexed-objects"];
  const extras = async () => findPresent(folder, await stagedObjects(facts, index, env), env);
  const name = isPartial(facts.settings)
    ? await packPresent(pack, indexed)
    : // An index can name what is not there, which costs no more than that
      ((await packReachable(pack, indexed)) ??
      (await packReachable({ ...pack, ids: [...ids, ...(await extras())] }, [])));
  if (name === undefined) throw unreadable(folder, "git could not pack its objects");
  // Missing objects are those that the remote has: git in the bottle is to know that, too
  if (isPartial(facts.settings))
    await Bun.write(join(gitFolder, `objects/pack/pack-${name.trim()}.promisor`), "");
}

/** Git writes a pack beside the objects first: in the user's repository, which is not touched and may be on another disk. */
function writeApart({ commonFolder }: RepositoryFacts, gitFolder: string): Record<string, string> {
  const objects = join(commonFolder, "objects");
  // A list with colons; a path that has one is quoted (git(1))
  const quoted = /[:"\\]/.test(objects) ? JSON.stringify(objects) : objects;
  return { GIT_OBJECT_DIRECTORY: join(gitFolder, "objects"), GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted };
}

interface Pack {
  readonly folder: string;
  readonly ids: readonly string[];
  /** Without its ending */
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Env;
}

/** Everything that the ids lead to. Gives the pack's name; undefined if something is missing. */
function packReachable({ folder, ids, file, variables, env }: Pack, more: readonly string[]) {
  return runGit(folder, [...packing, "--revs", ...more, file], env, { input: renderLines(ids), variables });
}

/** As much of it as there is: git itself does not pack what leads to trees that are missing. */
async function packPresent(pack: Pack, more: readonly string[]): Promise<string | undefined> {
  const { folder, ids, file, variables, env } = pack;
  const words = ["rev-list", "--objects", "--no-object-names", "--missing=allow-any", ...more, "--stdin"];
  const listed = await runGit(folder, words, env, { input: renderLines(ids), variables });
  return listed === undefined
    ? undefined
    : runGit(folder, [...packing, file], env, { input: listed, variables });
}

function renderLines(ids: readonly string[]): string {
  return [...new Set(ids)].map((id) => `${id}\n`).join("");
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
