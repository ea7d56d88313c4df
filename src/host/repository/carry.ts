/** A git folder for a bottle, made in a scratch folder: the state of the user's repository without hooks, credentials and programs. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Env } from "../git.ts";
import type { CarriedIndex } from "./carried-index.ts";
import { packObjects } from "./carried-objects.ts";
import { readDetachment } from "./operation.ts";
import type { OperationFile } from "./operation.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { renderPackedRefs } from "./refs.ts";
import { renderSettings } from "./settings.ts";
import { findBytes } from "./user-lists.ts";

/** Files that say which paths are ignored, how they are treated, and where history ends (gitrepository-layout(5)) */
const sharedFiles = ["info/exclude", "info/attributes", "info/grafts", "shallow"] as const;
const ownFiles = ["info/sparse-checkout"] as const;
const maxListBytes = 64 * 1024 * 1024;

/** Fills `gitFolder`, which is empty; `index` stands elsewhere and is not moved. */
export async function carryRepository(
  facts: RepositoryFacts,
  index: CarriedIndex,
  operation: readonly OperationFile[],
  gitFolder: string,
  env: Env,
): Promise<void> {
  const { commonFolder } = facts;
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(gitFolder, path)), { recursive: true });
    await writeFile(join(gitFolder, path), content);
  };
  await write("HEAD", facts.branch === "" ? `${facts.head}\n` : `ref: ${facts.branch}\n`);
  await write("config", renderSettings(facts));
  await write("packed-refs", renderPackedRefs(facts.refs));
  await mkdir(join(gitFolder, "refs/heads"), { recursive: true });
  for (const { name, target } of facts.refs) {
    if (target !== undefined) await write(name, `ref: ${target}\n`);
  }
  for (const { path, content } of operation) await write(path, content);
  const detachment = await readDetachment(facts, env);
  if (detachment !== undefined) await write("logs/HEAD", detachment);
  for (const [from, names] of [
    [commonFolder, sharedFiles],
    [facts.gitFolder, ownFiles],
  ] as const) {
    for (const name of names) {
      const content = await findBytes(join(from, name), maxListBytes);
      if (content) await write(name, content);
    }
  }
  await packObjects(facts, index, operation, gitFolder, env);
}
