import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { openObjects } from "../../../../../src/sidecar/gate/git/pack-objects.ts";
import { packLimits } from "../../../../../src/sidecar/gate/git/pack.ts";
import type { PackLimits } from "../../../../../src/sidecar/gate/git/pack.ts";
import { GitProblem } from "../../../../../src/sidecar/gate/git/problem.ts";
import { git } from "../../../../support/git.ts";
import { PackWriter } from "../../../../support/git-bombs.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";
import { indexByGit, listObjects, packOf } from "../../../../support/pushed-pack.ts";
import { makeTemporaryFolder } from "../../../../../scripts/lib/temporary-folder.ts";

setDefaultTimeout(60_000);
const rounds = Number(process.env["CLAUDE_BOTTLE_FUZZ_ROUNDS"] ?? 200);

async function idsOf(pack: Buffer, limits: Partial<PackLimits> = {}): Promise<string[]> {
  const ids: string[] = [];
  await openObjects(pack, "sha1", { ...packLimits, ...limits }, ({ id }) => void ids.push(id));
  return ids.toSorted();
}

/** Why it is refused; anything but a refusal is thrown. */
async function refusalOf(pack: Buffer, limits: Partial<PackLimits> = {}): Promise<string | undefined> {
  try {
    await idsOf(pack, limits);
    return undefined;
  } catch (error) {
    if (error instanceof GitProblem) return error.message;
    throw error;
  }
}

/** With a checksum that fits. */
function seal(body: Buffer): Buffer {
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

const packIn = (bundle: Buffer) => bundle.subarray(bundle.indexOf("PACK"));

describe("packs", () => {
  let folder: string;
  let pack: Buffer;
  let first: string;

  beforeAll(async () => {
    folder = await makeTemporaryFolder("push-pack");
    await git(folder, "init", "-q");
    const m = makeUp(3);
    let text = Array.from({ length: 400 }, () => m.words(9)).join("\n");
    for (let count = 0; count < 12; count += 1) {
      text = `${text.replace(m.words(1), m.words(3))}\n${m.words(20)}`;
      await writeFile(join(folder, "long.txt"), text);
      await writeFile(join(folder, `small-${count}.bin`), m.bytes(300));
      await git(folder, "add", ".");
      await git(folder, "commit", "-qm", `change ${count}`);
      if (count === 0) first = await git(folder, "rev-parse", "HEAD");
    }
    await git(folder, "tag", "-a", "v1", "-m", "a tag");
    pack = await packOf(folder, ["v1"]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("has the objects that git says are in it, deltas resolved", async () => {
    const tag = await git(folder, "rev-parse", "v1");
    const expected = [...(await listObjects(folder, ["HEAD"])), tag].toSorted();
    expect(await idsOf(pack)).toEqual(expected);
    expect(pack.length).toBeLessThan(20_000);
  });

  test("gives the bytes that git gives", async () => {
    const seen = new Map<string, string>();
    await openObjects(
      pack,
      "sha1",
      packLimits,
      ({ id, bytes }) => void seen.set(id, bytes.toString("latin1")),
    );
    const blob = await git(folder, "rev-parse", "HEAD:long.txt");
    expect(seen.get(blob)?.trim()).toBe(await git(folder, "cat-file", "blob", blob));
  });

  test("refuses a pack that builds on what is not in it", async () => {
    const child = Bun.spawn(["git", "pack-objects", "--revs", "--stdout", "--thin", "-q"], {
      cwd: folder,
      stdin: Buffer.from(`HEAD\n^${first}\n`),
      stdout: "pipe",
    });
    const thin = Buffer.from(await new Response(child.stdout).arrayBuffer());
    expect(await refusalOf(thin)).toContain("builds on one that is not in it");
    // The control: the same without --thin
    expect(await refusalOf(await packOf(folder, ["HEAD"], [first]))).toBeUndefined();
  });

  test("is refused or has what git finds, whatever is changed in it", async () => {
    const m = makeUp(17);
    let [taken, refused] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      const body = Buffer.from(pack.subarray(0, -20));
      for (let count = 0; count <= m.number(3); count += 1) body[m.number(body.length)] = m.number(256);
      const cut = m.number(4) === 0 ? body.subarray(0, m.number(body.length)) : body;
      const changed = seal(cut);
      if ((await refusalOf(changed)) === undefined) {
        expect(await idsOf(changed)).toEqual(
          (await indexByGit(folder, changed)) ?? ["git takes it for none"],
        );
        taken += 1;
      } else refused += 1;
    }
    expect(refused).toBeGreaterThan(rounds / 2);
    // The control: the pack as it is
    expect(await idsOf(pack)).toEqual((await indexByGit(folder, pack)) ?? []);
    expect(taken).toBeGreaterThanOrEqual(0);
  });

  test("names the limit that something is beyond", async () => {
    expect(await refusalOf(pack, { objects: 5 })).toContain("more than 5 objects");
    expect(await refusalOf(pack, { objectBytes: 1024 })).toContain("a file has more than");
    expect(await refusalOf(pack, { openedBytes: 4096 })).toContain("its files have more than");
    expect(await refusalOf(pack, { keptBytes: 4096 })).toContain("too long a row");
    expect(await refusalOf(pack, { milliseconds: -1 })).toContain("it takes more than");
  });

  test("opens nothing of a bomb", async () => {
    const writer = new PackWriter();
    const blob = writer.addRepeated(1024 * 1024, [31, 4, 8]);
    const tree = writer.addTree([{ mode: "100644", name: "a", id: blob }]);
    const bomb = packIn(writer.bundle(writer.addCommit(tree)));
    expect(bomb.length).toBeLessThan(10_000);
    expect(await refusalOf(bomb)).toBe("it is too large to be looked at: a file has more than 32 MiB");
    const said = Buffer.concat([
      Buffer.from("PACK\0\0\0\x02\0\0\0\x01\xbf\xff\xff\xff\x7f", "latin1"),
      deflateSync("x"),
    ]);
    expect(await refusalOf(seal(said))).toContain("a file has more than 32 MiB");
  });

  test("refuses what two programs could read differently", async () => {
    expect(await refusalOf(Buffer.alloc(0))).toContain("it is none");
    expect(await refusalOf(Buffer.concat([pack, Buffer.from("x")]))).toContain("checksum");
    expect(await refusalOf(seal(Buffer.concat([pack.subarray(0, -20), Buffer.from("x")])))).toContain(
      "goes on after",
    );
    const version = Buffer.from(pack.subarray(0, -20));
    version[7] = 3;
    expect(await refusalOf(seal(version))).toContain("another version");
  });
});
