/**
 * A bundle from a bottle on its way into the user's repository. It is hostile: first it is unpacked and checked in a folder of its
 * own, object by object, then fetched below `refs/bottles/`. No branch, index, work tree, setting or hook of the user's is touched.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { escapeForTerminal } from "../core/text.ts";
import { placeRefs } from "./bottle-refs.ts";
import type { WantedRef } from "./bottle-refs.ts";
import { readBundleHeader } from "./bundle-header.ts";
import type { BundleHeader } from "./bundle-header.ts";
import { gitEnvironment, safeSettings } from "./git.ts";
import type { Env } from "./git.ts";
import type { BroughtRef } from "./session-records.ts";

export interface BundleRequest {
  /** Absolute folder of the user's repository */
  readonly repository: string;
  readonly bundle: string;
  readonly session: string;
  /** For folders that are removed again */
  readonly scratch: string;
  readonly env: Env;
}

/** The user's repository lacks a commit that the bundle builds on: amended and thrown away meanwhile. */
export class MissingHistory extends Error {}

const strictSettings = [
  "transfer.fsckObjects=true",
  "fetch.fsckObjects=true",
  "fetch.prune=false",
  "fetch.writeCommitGraph=false",
  "core.logAllRefUpdates=false",
  "core.bigFileThreshold=16m",
  "pack.threads=2",
];
const timeLimitMs = 10 * 60_000;

/** Checks and fetches. Throws a sentence about the bundle; the repository is then as it was. */
export async function fetchBundle(request: BundleRequest): Promise<Omit<BroughtRef, "repository">[]> {
  const { repository, bundle, session, env } = request;
  const header = await readBundleHeader(bundle);
  const verified = await run(repository, ["bundle", "verify", "--quiet", bundle], env);
  if (verified.code !== 0) {
    if (header.prerequisites.length > 0) throw new MissingHistory(verified.complaint);
    throw new Error(`git bundle verify refuses it: ${verified.complaint}`);
  }
  const objects = (await must(repository, ["rev-parse", "--git-path", "objects"], env)).replace(/\n$/, "");
  const stem = `refs/bottles/${session}/`;
  const existing = await must(repository, ["for-each-ref", "--format=%(refname)", stem], env);
  const wanted = placeRefs(session, header.refs, existing.split("\n").filter(Boolean));
  const counts = await withCheckedObjects(request, header, resolve(repository, objects), (folder) =>
    Promise.all(wanted.map((ref) => countNew(folder, ref, header, env))),
  );
  if (wanted.length === 0) return [];
  await must(
    repository,
    fetchWords(bundle),
    env,
    wanted.map((ref) => `+${ref.source}:${ref.target}\n`).join(""),
  );
  return wanted.map(({ target, id, renamedFrom }, index) => ({
    ref: target,
    id,
    commits: counts[index] ?? 0,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  }));
}

/** Checks a bundle that no repository takes; it needs nothing but itself. */
export async function checkWholeBundle(bundle: string, scratch: string, env: Env): Promise<BundleHeader> {
  const header = await readBundleHeader(bundle);
  if (header.prerequisites.length > 0) throw new Error("it builds on commits that nobody has");
  await withCheckedObjects({ bundle, scratch, env }, header, undefined, () => Promise.resolve());
  return header;
}

/**
 * `git fetch` checks the objects of a bundle only from git 2.46 on, whatever its settings say; `index-pack --strict` does so in all
 * versions, and that every object it points to is there.
 */
async function withCheckedObjects<T>(
  { bundle, scratch, env }: Pick<BundleRequest, "bundle" | "scratch" | "env">,
  header: BundleHeader,
  borrowed: string | undefined,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(scratch, "check-"));
  try {
    await must(
      folder,
      ["init", "--quiet", "--bare", "--template=", `--object-format=${header.objectFormat}`, "."],
      env,
    );
    if (borrowed !== undefined) await writeFile(join(folder, "objects/info/alternates"), `${borrowed}\n`);
    const words = [`--git-dir=${folder}`, "index-pack", "--strict", "--fix-thin", "--stdin", "--threads=2"];
    const pack = openAt(bundle, header.packOffset);
    const { code, complaint } = await run(folder, words, env, pack).finally(() => closeSync(pack));
    if (code !== 0) throw new Error(`git finds fault with its objects: ${complaint}`);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** By now the objects are known to be sound; the fetch itself checks again where git can, and that nothing is missing. */
function fetchWords(bundle: string): string[] {
  const flags = [
    "--quiet",
    "--atomic",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--recurse-submodules=no",
    "--refmap=",
    "--stdin",
  ];
  return ["fetch", ...flags, bundle];
}

/** Commits of a ref beyond what the bundle builds on. */
async function countNew(folder: string, ref: WantedRef, header: BundleHeader, env: Env): Promise<number> {
  const words = [`--git-dir=${folder}`, "rev-list", "--count", ref.id, "--not", ...header.prerequisites];
  return Number((await run(folder, words, env)).output.trim()) || 0;
}

async function must(folder: string, words: readonly string[], env: Env, input?: string): Promise<string> {
  const { code, output, complaint } = await run(folder, words, env, input);
  if (code !== 0) throw new Error(`git ${words.find((word) => !word.startsWith("-"))} failed: ${complaint}`);
  return output;
}

/** A descriptor whose next byte is the one at `offset`. A slice of a `Bun.file` is no way: as a child's input it is the whole file. */
function openAt(path: string, offset: number): number {
  const file = openSync(path, "r");
  const skipped = Buffer.alloc(64 * 1024);
  for (let left = offset; left > 0;) {
    const read = readSync(file, skipped, 0, Math.min(left, skipped.length), null);
    if (read === 0) break;
    left -= read;
  }
  return file;
}

async function run(folder: string, words: readonly string[], env: Env, input?: string | number) {
  const settings = [...safeSettings, ...strictSettings].flatMap((setting) => ["-c", setting]);
  // `safe.bareRepository` would refuse the bare ones made here, which are named explicitly wherever it matters
  const child = Bun.spawn(["git", ...settings, ...words], {
    cwd: folder,
    stdin: input === undefined ? "ignore" : typeof input === "string" ? Buffer.from(input) : input,
    stdout: "pipe",
    stderr: "pipe",
    env: gitEnvironment(env),
    timeout: timeLimitMs,
    killSignal: "SIGKILL",
  });
  const [output, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return {
    output,
    complaint: escapeForTerminal(complaint.trim().split("\n").slice(-4).join("; ")).slice(0, 600),
    code,
  };
}
