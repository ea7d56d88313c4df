/** Repositories to carry in and out: the same files in every run, of the sizes that source code has, and packed as a clone is. */
import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { git } from "../../../test/support/git.ts";
import { makeRandom } from "../chaos/random.ts";

export interface RepositoryShape {
  /** `30,000 files` */
  readonly name: string;
  readonly tracked: number;
  /** Files that git does not know, each of so many bytes */
  readonly untracked: number;
  readonly untrackedBytes: number;
}

const sizes = [700, 30_000, 100_000] as const;
const large: RepositoryShape = {
  name: "1 GB untracked",
  tracked: 10,
  untracked: 4,
  untrackedBytes: 250_000_000,
};

/** Bytes of one file after the other, again and again: 119 MB for 30,000 */
const fileBytes = [400, 900, 1_500, 2_500, 4_000, 6_000, 12_500] as const;
const filesPerFolder = 30;
const foldersPerPart = 30;
/** Files that are written at the same time */
const batch = 200;
/** What the files are cut from: longer than any, so that no two begin at the same place soon */
const poolBytes = 1_000_003;
const poolStep = 7_919;

/**
 * What `--files` and `--large` ask for, all where neither is there; undefined where a number is not one of the sizes.
 * @param files Numbers with commas between them
 */
export function chooseShapes(files: string | undefined, isLarge: boolean): RepositoryShape[] | undefined {
  const isAll = files === undefined && !isLarge;
  const wanted = isAll ? sizes.map(String) : (files?.split(",") ?? []);
  if (wanted.some((one) => !sizes.some((size) => String(size) === one))) return undefined;
  const shapes = wanted.map((one) => shapeOf(Number(one)));
  return isAll || isLarge ? [...shapes, large] : shapes;
}

function shapeOf(tracked: number): RepositoryShape {
  return { name: `${tracked.toLocaleString("en")} files`, tracked, untracked: 0, untrackedBytes: 0 };
}

/** Where the file of this number lies, and its size. */
export function describeFile(index: number): { readonly path: string; readonly bytes: number } {
  const folder = Math.floor(index / filesPerFolder);
  const part = Math.floor(folder / foldersPerPart);
  return {
    path: `part-${part}/folder-${folder % foldersPerPart}/file-${index}.txt`,
    bytes: fileBytes[index % fileBytes.length] ?? 0,
  };
}

/** A folder below `parent` with a repository of this shape, one commit, and nothing changed. */
export async function makeRepository(parent: string, shape: RepositoryShape): Promise<string> {
  const folder = join(parent, shape.name.replaceAll(/[^a-z0-9]+/gi, "-"));
  await mkdir(folder);
  const pool = makePool();
  for (let first = 0; first < shape.tracked; first += batch) {
    const count = Math.min(batch, shape.tracked - first);
    await Promise.all(Array.from({ length: count }, (_, place) => writeTracked(folder, pool, first + place)));
  }
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "First");
  await git(folder, "repack", "-a", "-d", "--quiet");
  for (let index = 0; index < shape.untracked; index += 1)
    await writeNoise(join(folder, `untracked-${index}.bin`), shape.untrackedBytes, index);
  return folder;
}

async function writeTracked(folder: string, pool: string, index: number): Promise<void> {
  const { path, bytes } = describeFile(index);
  const head = `file ${index}\n`;
  const from = (index * poolStep) % (pool.length - bytes);
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), head + pool.slice(from, from + bytes - head.length));
}

/** Lines of words that never were, in the letters of one seed. */
function makePool(): string {
  const random = makeRandom(1);
  const letter = () => String.fromCharCode(97 + Math.floor(random() * 26));
  const words = Array.from({ length: 4_000 }, () =>
    Array.from({ length: 2 + Math.floor(random() * 9) }, letter).join(""),
  );
  let text = "";
  while (text.length < poolBytes)
    text += `${words[Math.floor(random() * words.length)]}${random() < 0.12 ? "\n" : " "}`;
  return text;
}

/** Bytes that no packing makes smaller: xorshift, since a better generator would take minutes for a gigabyte. */
async function writeNoise(path: string, bytes: number, seed: number): Promise<void> {
  const file = await open(path, "w");
  let state = seed + 1;
  try {
    for (let left = bytes; left > 0;) {
      const words = new Uint32Array(Math.min(4_000_000, Math.ceil(left / 4)));
      for (let place = 0; place < words.length; place += 1) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        words[place] = state;
      }
      const chunk = Buffer.from(words.buffer).subarray(0, left);
      await file.writeFile(chunk);
      left -= chunk.length;
    }
  } finally {
    await file.close();
  }
}
