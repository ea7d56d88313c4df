/**
 * Archives by chance, unpacked beside files of a user's: whatever one of them holds, nothing outside of its folder is touched, and what is
 * inside leads nowhere out. `CLAUDE_BOTTLE_TEST_ARCHIVES=20000` tries more of them; a seed that found something is in the failure.
 */
import { expect, setDefaultTimeout, test } from "bun:test";
import { lstat, mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fromBytes, fromText, toBytes } from "../../../src/archive/byte-names.ts";
import type { CheckRules } from "../../../src/archive/check-member.ts";
import { DiskTrouble } from "../../../src/archive/file-trouble.ts";
import { BrokenArchive } from "../../../src/archive/tar-item.ts";
import { describeTree } from "../../support/describe-tree.ts";
import { generateArchive } from "../../support/archive-generator.ts";
import { inPieces, unpackAt } from "../../support/hostile-tar.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

setDefaultTimeout(60_000 + Number(process.env["CLAUDE_BOTTLE_TEST_ARCHIVES"] ?? 0) * 100);
const count = Number(process.env["CLAUDE_BOTTLE_TEST_ARCHIVES"] ?? 120);

/** Also when it was changed in any way, which nobody can set back */
async function describeAll(folder: string): Promise<Record<string, string>> {
  return describeTree(folder, async (path) => {
    const { ino, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    return [ino, mtimeNs, ctimeNs].join(" ");
  });
}

interface Place {
  readonly root: string;
  readonly outside: string;
  readonly target: string;
  /** Links of the user's own, which may lead where they like */
  readonly ownLinks: ReadonlySet<string>;
}

async function makePlace(): Promise<Place> {
  const root = await aFolder({ "outside/secret": "keep", "outside/a/b": "keep", beside: "keep" });
  const target = join(root, "target");
  await putFiles(target, { "user/file": "user's", file: "user's", "dir/a": "user's" });
  await symlink(join(root, "outside"), join(target, "away"));
  await symlink("../outside/secret", join(target, "user/link"));
  await mkdir(join(target, "empty"));
  return { root, outside: join(root, "outside"), target, ownLinks: new Set(["/away", "/user/link"]) };
}

async function unpackAny(place: Place, bytes: Uint8Array, rules: Partial<CheckRules>): Promise<void> {
  try {
    const target = fromText(place.target);
    // Where one goes that is copied into a folder
    await unpackAt((kind) => (kind === "file" ? `${target}/came` : target), inPieces(bytes), rules);
  } catch (error) {
    if (!(error instanceof BrokenArchive || error instanceof DiskTrouble)) throw error;
  }
}

/** What is wrong below the target. */
async function findFaults({ target, ownLinks }: Place): Promise<string[]> {
  const faults: string[] = [];
  for (const name of Object.keys(await describeAll(target))) {
    const path = toBytes(`${fromText(target)}${name}`);
    const status = await lstat(path);
    if (!status.isFile() && !status.isDirectory() && !status.isSymbolicLink()) faults.push(`special ${name}`);
    if (!status.isSymbolicLink() && status.mode & 0o7000) faults.push(`mode of another user ${name}`);
    if (name.includes(".claude-bottle-")) faults.push(`half-made ${name}`);
    if (/\/\.git(?:\/|$)/i.test(name)) faults.push(`git's ${name}`);
    if (!status.isSymbolicLink() || ownLinks.has(name)) continue;
    const real = await realpath(path, { encoding: "buffer" }).then(fromBytes, () => target);
    if (real !== target && !real.startsWith(`${target}/`)) faults.push(`leads out ${name} to ${real}`);
  }
  return faults;
}

async function tryArchive(seed: number, rules: Partial<CheckRules> = {}): Promise<string[]> {
  const place = await makePlace();
  const before = await describeAll(place.root);
  await unpackAny(place, generateArchive(seed, place.outside).bytes, rules);
  const after = await describeAll(place.root);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !name.startsWith("/target") && before[name] !== after[name]);
  return [...changed.map((name) => `touched ${name}`), ...(await findFaults(place))];
}

test(`${count} archives by chance touch nothing outside of their folder, and leave nothing in it that leads out`, async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= count; seed += 1)
    found.push(...(await tryArchive(seed)).map((fault) => `seed ${seed}: ${fault}`));
  expect(found).toEqual([]);
});

test("the control: the same archives do lead out where links are not checked", async () => {
  let leading = 0;
  for (let seed = 1; seed <= 60; seed += 1)
    leading += (await tryArchive(seed, { links: "any" })).filter((fault) =>
      fault.startsWith("leads out"),
    ).length;
  expect(leading).toBeGreaterThan(5);
});
