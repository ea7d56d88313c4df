import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkWholeBundle, fetchBundle } from "../../../src/host/fetch-bundle.ts";
import { addTreeBomb, PackWriter } from "../../support/git-bombs.ts";
import { aFolder, anEnvironment, aRepository, git } from "../../support/temporary.ts";

setDefaultTimeout(180_000);
const mebibyte = 1024 * 1024;

const bombs: readonly [string, (pack: PackWriter) => string, RegExp][] = [
  [
    "a difference that is 300 times what is below it",
    (pack) => {
      const id = pack.addRepeated(mebibyte, [300]);
      return pack.addCommit(pack.addTree([{ mode: "100644", name: "zeros", id }]));
    },
    /attempting to allocate|memory/,
  ],
  [
    "differences on top of each other, beside a commit that does not lead to them",
    (pack) => {
      pack.addRepeated(mebibyte, [4, 4, 20]);
      const id = pack.add("blob", Buffer.from("x"));
      return pack.addCommit(pack.addTree([{ mode: "100644", name: "x", id }]));
    },
    /attempting to allocate|memory/,
  ],
  [
    "one file of 1.1 GiB",
    (pack) => {
      const id = pack.add("blob", Buffer.alloc(1_127 * mebibyte));
      return pack.addCommit(pack.addTree([{ mode: "100644", name: "zeros", id }]));
    },
    /one object has 1\.1 GiB/,
  ],
  [
    "trees that hold each other a hundred levels deep",
    (pack) => pack.addCommit(addTreeBomb(pack, 2, 100)),
    /memory|time/,
  ],
  [
    "trees that hold each other in a commit that the next one takes back",
    (pack) => {
      const first = pack.addCommit(addTreeBomb(pack, 20, 5));
      const id = pack.add("blob", Buffer.from("y"));
      return pack.addCommit(pack.addTree([{ mode: "100644", name: "y", id }]), first);
    },
    /change more than 500000 files and folders|memory/,
  ],
  [
    "a folder in a folder in a folder, to a path that no system takes",
    (pack) => pack.addCommit(addTreeBomb(pack, 1, 1_500)),
    /a path in it has more than 4096 bytes/,
  ],
  [
    "one file in five thousand places, of 5 GB in all",
    (pack) => {
      const id = pack.add("blob", Buffer.alloc(mebibyte));
      const names = Array.from({ length: 5_000 }, (_, at) => `f${String(at).padStart(4, "0")}`);
      return pack.addCommit(pack.addTree(names.map((name) => ({ mode: "100644", name, id }))));
    },
    /what its commits change has more than 4\.0 GiB/,
  ],
  [
    "two files of so many lines that comparing them takes gigabytes",
    (pack) => {
      const lines = Buffer.alloc(16 * mebibyte, "\n");
      const [one, other] = [Buffer.from("a"), Buffer.from("b")].map((end) =>
        pack.add("blob", Buffer.concat([end, lines, end])),
      );
      const first = pack.addCommit(pack.addTree([{ mode: "100644", name: "lines", id: one ?? "" }]));
      return pack.addCommit(pack.addTree([{ mode: "100644", name: "lines", id: other ?? "" }]), first);
    },
    /"git log --stat" of it fails/,
  ],
];

describe("a bundle that is small and costs much", () => {
  test.each(bombs)("is refused before any of it is in the repository: %s", async (_name, make, complaint) => {
    const [repository, scratch, env] = [await aRepository(), await aFolder(), await anEnvironment()];
    const pack = new PackWriter();
    const commit = make(pack);
    const bytes = pack.bundle(commit);
    expect(bytes.length).toBeLessThan(16 * mebibyte);
    const bundle = join(scratch, "x.bundle");
    await writeFile(bundle, bytes);
    await expect(fetchBundle({ repository, bundle, session: "s", scratch, env })).rejects.toThrow(complaint);
    expect(await git(repository, "for-each-ref", "refs/bottles")).toBe("");
    await expect(git(repository, "cat-file", "-e", commit)).rejects.toThrow();
    expect(await Array.fromAsync(new Bun.Glob("*").scan({ cwd: scratch, onlyFiles: false }))).toEqual([
      "x.bundle",
    ]);
  });

  test("is refused where there is no repository either", async () => {
    const [scratch, env] = [await aFolder(), await anEnvironment()];
    const pack = new PackWriter();
    const bundle = join(scratch, "x.bundle");
    await writeFile(bundle, pack.bundle(pack.addCommit(addTreeBomb(pack, 1, 1_500))));
    await expect(checkWholeBundle(bundle, scratch, env)).rejects.toThrow("a path in it has more");
  });

  test.each(bombs)("control: git by itself takes it: %s", async (_name, make) => {
    const [repository, scratch] = [await aRepository(), await aFolder()];
    const pack = new PackWriter();
    const commit = make(pack);
    await writeFile(join(scratch, "x.bundle"), pack.bundle(commit));
    await git(repository, "fetch", "--quiet", join(scratch, "x.bundle"), "main");
    expect(await git(repository, "cat-file", "-t", commit)).toBe("commit");
  });
});
