/** Which release is meant by a word: the pinned one, the newest that there is, or the newest that is recorded. */
import { filterReleases } from "../../../src/plan/filter-releases.ts";
import { listVersions } from "./files.ts";

const pinnedVersion = filterReleases[0].version;
const newestRelease = "https://api.github.com/repos/luckyPipewrench/pipelock/releases/latest";
/** From this release on images are published by the organisation that the repository moved to */
const movedSince = "3.8.0";

/** The image's name. Only "newest" asks anybody. */
export async function findFilterImage(word: string): Promise<string> {
  if (word === "pinned") return filterReleases[0].image;
  if (word !== "newest") return word;
  const answer = await fetch(newestRelease, { headers: { accept: "application/vnd.github+json" } });
  if (!answer.ok) throw new Error(`GitHub does not say which release is the newest: ${answer.status}`);
  const { tag_name: tag } = (await answer.json()) as { readonly tag_name?: string };
  const version = /^v(\d+\.\d+\.\d+)$/.exec(tag ?? "")?.[1];
  if (version === undefined) throw new Error(`The newest release has an unknown kind of tag: ${String(tag)}`);
  const owner = Bun.semver.order(version, movedSince) < 0 ? "luckypipewrench" : "pipelab-org";
  return `ghcr.io/${owner}/pipelock:${version}`;
}

/** Of a record. */
export async function findVersion(word: string): Promise<string> {
  if (word === "pinned") return pinnedVersion;
  if (word !== "newest") return word;
  const versions = (await listVersions()).toSorted(Bun.semver.order);
  return versions.at(-1) ?? pinnedVersion;
}
