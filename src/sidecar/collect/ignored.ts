/** What an agent made in places that git ignores: brought back where the manifest asks for it, named with its size elsewhere. */
import { lstatSync, readdirSync } from "node:fs";
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { IgnoredOutput } from "../../protocol/collect.ts";

/** Installed packages are thousands of files; their exact size is of no use to anybody */
const maxCounted = 20_000;
const maxMs = 1_000;
const maxNamed = 200;

/** Files below the work tree that the patterns name and git ignores; bytes as latin1. */
export async function findBrought(
  place: GitPlace,
  bring: readonly string[],
  others: readonly string[],
): Promise<string[]> {
  if (bring.length === 0) return [];
  const patterns = bring.flatMap((pattern) => ["-x", pattern]);
  const named = await git(place, ["ls-files", "-z", "--others", "--ignored", ...patterns]);
  // What is not ignored comes back as a change like any other
  const known = new Set(others);
  return named.split("\0").filter((path) => path !== "" && !path.endsWith("/") && !known.has(path));
}

/** Files and whole folders that git ignores, the largest first. */
export async function findIgnored(place: GitPlace, brought: readonly string[]): Promise<IgnoredOutput[]> {
  const words = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  const listed = (await git(place, words)).split("\0").filter(Boolean);
  // Git lists a folder with nothing else in it, and what is in it once more
  const folders = new Set(listed.filter((name) => name.endsWith("/")));
  const names = listed.filter((name) => !hasFolder(name, folders));
  const counting = { left: maxCounted, until: performance.now() + maxMs };
  const done = new Set(brought);
  const found = names.flatMap((name): IgnoredOutput[] => {
    if (done.has(name)) return [];
    const { bytes, isMore } = measure(`${place.workTree}/`, name.replace(/\/$/, ""), done, counting);
    return bytes === 0 && !isMore
      ? []
      : [{ path: Buffer.from(name, "latin1").toString("utf8"), bytes, isMore }];
  });
  return found.toSorted((a, b) => b.bytes - a.bytes).slice(0, maxNamed);
}

function hasFolder(name: string, folders: ReadonlySet<string>): boolean {
  for (let end = name.indexOf("/"); end >= 0 && end < name.length - 1; end = name.indexOf("/", end + 1))
    if (folders.has(name.slice(0, end + 1))) return true;
  return false;
}

interface Counting {
  left: number;
  readonly until: number;
}

function measure(
  top: string,
  path: string,
  done: ReadonlySet<string>,
  counting: Counting,
): { bytes: number; isMore: boolean } {
  if (done.has(path)) return { bytes: 0, isMore: false };
  if (counting.left <= 0 || performance.now() > counting.until) return { bytes: 0, isMore: true };
  counting.left -= 1;
  const full = Buffer.concat([Buffer.from(top, "utf8"), Buffer.from(path, "latin1")]);
  try {
    const status = lstatSync(full);
    if (!status.isDirectory()) return { bytes: status.size, isMore: false };
    let bytes = 0;
    let isMore = false;
    for (const name of readdirSync(full, { encoding: "latin1" as BufferEncoding })) {
      const inner = measure(top, `${path}/${name}`, done, counting);
      bytes += inner.bytes;
      isMore ||= inner.isMore;
    }
    return { bytes, isMore };
  } catch {
    return { bytes: 0, isMore: false };
  }
}
