/** What a bottle's setup depends on in the workspace, read and checked before anything is made. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { SetupEntry } from "../../core/setup-entry.ts";
import { hasRepository, runGitLine, runGitNames } from "../git.ts";
import type { Env } from "../git.ts";

/** A lock file has some megabytes at most */
const maxInputBytes = 64 * 1024 * 1024;

export interface SetupInput {
  /** As the manifest has it */
  readonly path: string;
  /** SHA-256 of the content, hex */
  readonly digest: string;
}

export interface SetupInputs {
  /** Of the workspace, absolute and without links */
  readonly directory: string;
  readonly inputs: readonly SetupInput[];
}

/**
 * The inputs, in the manifest's order. Throws for one that is not there or leads out of the folder, and for a folder to keep that git does
 * not ignore: what a setup made must never count as an agent's work.
 */
export async function readSetupInputs(
  directory: string,
  { inputs, keep }: Pick<SetupEntry, "inputs" | "keep">,
  env: Env,
): Promise<SetupInputs> {
  const root = await realpath(directory);
  if (!(await hasRepository(root, env))) throw noRepository(directory);
  for (const folder of keep) if (!folder.startsWith("~/")) await requireIgnored(root, folder, env);
  return { directory: root, inputs: await Promise.all(inputs.map((path) => readInput(root, path))) };
}

async function readInput(root: string, path: string): Promise<SetupInput> {
  const file = await realpath(join(root, path)).catch(() => undefined);
  if (file === undefined) throw unusable(path, "the workspace does not have it");
  if (!file.startsWith(`${root}/`)) throw unusable(path, "it is a link that leads out of the workspace");
  const status = await stat(file);
  if (!status.isFile()) throw unusable(path, "it is not a file");
  if (status.size > maxInputBytes) throw unusable(path, "it is larger than 64 MiB");
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file, { end: maxInputBytes })) hash.update(piece as Uint8Array);
  return { path, digest: hash.digest("hex") };
}

async function requireIgnored(root: string, folder: string, env: Env): Promise<void> {
  const tracked = await runGitNames(root, ["ls-files", "-z", "--", folder], env);
  if (tracked && tracked.length > 0)
    throw unkeepable(
      folder,
      "git tracks files in it",
      "Keep a folder that holds only what the commands make.",
    );
  const ignored = await runGitLine(root, ["check-ignore", "--", `${folder}/`], env);
  if (ignored === undefined || ignored === "")
    throw unkeepable(folder, "git does not ignore it", `Add "/${folder}/" to .gitignore.`);
}

function unkeepable(folder: string, state: string, hint: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot keep ${quote(folder)} of the setup: ${state}`,
    hint,
  });
}

function unusable(path: string, state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use ${quote(path)} as an input of the setup: ${state}`,
    hint: 'Name files of the repository under "inputs", or start with --empty, which runs no setup.',
  });
}

function noRepository(directory: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot prepare ${quote(directory)}: a setup needs a git repository, which tells what is work and what is not`,
    hint: 'Run "git init" in it, or start with --empty, which runs no setup.',
  });
}
