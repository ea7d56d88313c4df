/**
 * A bundle from a bottle on its way into the user's repository. It is hostile: first it is unpacked and checked in a folder of its
 * own, object by object, then fetched below `refs/bottles/`. No branch, index, work tree, setting or hook of the user's is touched.
 */
import type { BroughtRef } from "../protocol/receipt.ts";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { settleAll } from "../core/settle.ts";
import { placeRefs } from "./bottle-refs.ts";
import type { WantedRef } from "./bottle-refs.ts";
import { limitsFor, must, runOnBrought } from "./brought-git.ts";
import { readBundleHeader } from "./bundle-header.ts";
import type { BundleHeader } from "./bundle-header.ts";
import { withCheckedObjects } from "./check-bundle.ts";
import type { Env } from "./git.ts";
import type { GitLimits } from "./git-process.ts";

/** Programs that count */
const atOnce = 4;

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

/** Checks and fetches. Throws a sentence about the bundle; the repository is then as it was. */
export async function fetchBundle(request: BundleRequest): Promise<Omit<BroughtRef, "repository">[]> {
  const { repository, bundle, session, scratch, env } = request;
  const header = await readBundleHeader(bundle);
  const limits = limitsFor((await stat(bundle)).size);
  const place = { folder: repository, env, limits };
  const ask = (words: readonly string[]) => must({ ...place, words });
  const partial = ["config", "--get-regexp", String.raw`^(extensions\.partialclone|remote\..*\.promisor)$`];
  // None waits for another: each is a program that starts
  const [verified, objects, listed, promised] = await settleAll([
    runOnBrought({ ...place, words: ["bundle", "verify", "--quiet", bundle] }),
    ask(["rev-parse", "--git-path", "objects"]),
    ask(["for-each-ref", "--format=%(objectname) %(refname)"]),
    runOnBrought({ ...place, words: partial }),
  ]);
  if (!verified.isFine) {
    if (header.prerequisites.length > 0) throw new MissingHistory(verified.complaint);
    throw new Error(`git bundle verify refuses it: ${verified.complaint}`);
  }
  const refs = listed.split("\n").filter(Boolean);
  const names = refs.map((line) => line.slice(line.indexOf(" ") + 1));
  const existing = names.filter((name) => name.startsWith(`refs/bottles/${session}/`));
  const wanted = placeRefs(session, header.refs, existing);
  const own = {
    objects: resolve(repository, objects.replace(/\n$/, "")),
    tips: refs.map((line) => line.slice(0, line.indexOf(" "))),
    isPartial: promised.output !== "",
  };
  const counts = await withCheckedObjects({ bundle, header, scratch, env, own }, (folder) =>
    countNew(wanted, header, { folder, env, limits }),
  );
  if (wanted.length === 0) return [];
  const input = wanted.map((ref) => `+${ref.source}:${ref.target}\n`).join("");
  // A bundle is a file to git, and the only one that is fetched from
  await must({ ...place, words: fetchWords(bundle), input, variables: { GIT_ALLOW_PROTOCOL: "file" } });
  return wanted.map(({ target, id, renamedFrom }) => ({
    ref: target,
    id,
    commits: counts.get(id) ?? 0,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  }));
}

/** Checks a bundle that no repository takes; it needs nothing but itself. */
export async function checkWholeBundle(bundle: string, scratch: string, env: Env): Promise<BundleHeader> {
  const header = await readBundleHeader(bundle);
  if (header.prerequisites.length > 0) throw new Error("it builds on commits that nobody has");
  await withCheckedObjects({ bundle, header, scratch, env, own: undefined }, () => Promise.resolve());
  return header;
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

/** Commits of each ref, by its id, beyond what the bundle builds on. A few at a time: an agent may have made thousands. */
async function countNew(
  wanted: readonly WantedRef[],
  { prerequisites }: BundleHeader,
  place: { readonly folder: string; readonly env: Env; readonly limits: GitLimits },
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const ids = [...new Set(wanted.map((ref) => ref.id))];
  const count = async (id: string) => {
    const words = [`--git-dir=${place.folder}`, "rev-list", "--count", id, "--not", ...prerequisites];
    counts.set(id, Number((await runOnBrought({ ...place, words })).output.trim()) || 0);
  };
  for (let at = 0; at < ids.length; at += atOnce) await Promise.all(ids.slice(at, at + atOnce).map(count));
  return counts;
}
