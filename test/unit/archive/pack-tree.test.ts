import { describe, expect, test } from "bun:test";
import { chmod, link, mkdir, rename, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeRandom } from "../../../scripts/lib/chaos/random.ts";
import { fromText, toBytes } from "../../../src/archive/byte-names.ts";
import { packTree } from "../../../src/archive/pack-tree.ts";
import type { TarItem } from "../../../src/archive/tar-item.ts";
import { writeTar } from "../../../src/archive/write-tar.ts";
import { describeTree } from "../../support/describe-tree.ts";
import { unpackAt } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

function pack(path: string, leavesOutGit = false): AsyncGenerator<TarItem> {
  return packTree({ path: fromText(path), leavesOutGit });
}

/** Each item in a word, with its content read */
async function listItems(
  items: AsyncIterable<TarItem>,
  onMember?: (name: string) => Promise<void>,
): Promise<string[]> {
  const found: string[] = [];
  for await (const item of items) {
    if ("note" in item)
      found.push(
        [item.note, ...("name" in item ? [item.name] : []), ...("reason" in item ? [item.reason] : [])].join(
          " ",
        ),
      );
    else {
      await onMember?.(item.member.name);
      let bytes = 0;
      for await (const piece of item.body) bytes += piece.length;
      found.push(`${item.member.kind} ${item.member.name} ${bytes}`);
    }
  }
  return found;
}

describe("packTree()", () => {
  test("gives folders before what is in them, one file under its root, and first how much comes", async () => {
    const folder = await aFolder({ "b/c": "12345", a: "1", "b/d/e": "" });
    await symlink("/etc/passwd", join(folder, "link"));
    expect(await listItems(pack(folder))).toEqual([
      "total",
      "directory r 0",
      "file r/a 1",
      "directory r/b 0",
      "file r/b/c 5",
      "directory r/b/d 0",
      "file r/b/d/e 0",
      "symlink r/link 0",
    ]);
    const [total] = await Array.fromAsync(pack(folder));
    expect(total).toEqual({ note: "total", files: 4, bytes: 6 });
    expect(await listItems(pack(join(folder, "b/c")))).toEqual(["total", "file r 5"]);
  });

  test("tells what it cannot send, and sends the rest", async () => {
    const folder = await aFolder({ a: "1", z: "1" });
    await Bun.$`mkfifo ${join(folder, "fifo")}`;
    using _server = Bun.listen({ unix: join(folder, "socket"), socket: { data: () => undefined } });
    expect(await listItems(pack(folder))).toEqual([
      "total",
      "problem r/fifo it is a FIFO",
      "problem r/socket it is a socket",
      "directory r 0",
      "file r/a 1",
      "file r/z 1",
    ]);
  });

  test.skipIf(process.getuid?.() === 0)("tells what it may not read", async () => {
    const folder = await aFolder({ a: "1", "closed/b": "1" });
    await chmod(join(folder, "a"), 0);
    await chmod(join(folder, "closed"), 0);
    const items = await listItems(pack(folder));
    await chmod(join(folder, "closed"), 0o700);
    expect(items).toContain("problem r/a permission denied");
    expect(items).toContain("problem r/closed permission denied");
  });

  test.skipIf(process.platform !== "linux")("sends what is in a file that says it is empty", async () => {
    const [, item] = await listItems(pack("/proc/cpuinfo"));
    expect(Number(item?.replace("file r ", ""))).toBeGreaterThan(100);
  });

  test("leaves .git out at any depth if it is told to", async () => {
    const folder = await aFolder({ ".git/config": "x", "sub/.git": "gitdir: x", "sub/.gitignore": "y" });
    const items = await listItems(pack(folder, true));
    expect(items.filter((item) => item.includes("git"))).toEqual([
      "left-out r/.git",
      "left-out r/sub/.git",
      "file r/sub/.gitignore 1",
    ]);
    expect((await listItems(pack(folder))).length).toBe(6 + 1);
  });

  test.each([
    ["a link to another file", (path: string) => symlink("../secret", path), "symbolic links"],
    ["a FIFO", (path: string) => Bun.$`mkfifo ${path}`.then(() => undefined), "no longer a plain file"],
    ["nothing", async () => undefined, "no such file"],
  ])("does not read a file that has become %s since it was listed", async (_name, replace, reason) => {
    const root = await aFolder({ "folder/a": "1", "folder/b": "2", secret: "keep" });
    const items = listItems(pack(join(root, "folder")), async (name) => {
      if (name !== "r/a") return;
      await rename(join(root, "folder/b"), join(root, "b"));
      await replace(join(root, "folder/b"));
    });
    expect((await items).at(-1)).toStartWith("problem r/b ");
    expect((await items).at(-1)).toContain(reason);
  });

  test("does not read a file whose folder has become a link since it was listed", async () => {
    const root = await aFolder({ "folder/a": "1", "folder/d/b": "2", "elsewhere/b": "keep" });
    const items = listItems(pack(join(root, "folder")), async (name) => {
      if (name !== "r/a") return;
      await rename(join(root, "folder/d"), join(root, "d"));
      await symlink("../elsewhere", join(root, "folder/d"));
    });
    expect((await items).at(-1)).toBe("problem r/d/b a folder above it was moved or is a link now");
  });

  test("sends what has become shorter with the length that it said, and says so; what grew as it was", async () => {
    const root = await aFolder({ short: "", grown: "" });
    for (const name of ["short", "grown"]) await truncate(join(root, name), 3_000_000);
    const at = `${root}-out`;
    const change = async function* (): AsyncGenerator<TarItem> {
      for await (const item of pack(root)) {
        if ("member" in item && item.member.name === "r/short") await truncate(join(root, "short"), 10);
        if ("member" in item && item.member.name === "r/grown")
          await truncate(join(root, "grown"), 4_000_000);
        yield item;
      }
    };
    const done = await unpackAt(fromText(at), writeTar(change(), { uid: 0, gid: 0 }));
    expect(done.problems).toEqual([{ name: "r/short", reason: "it became shorter while it was read" }]);
    expect((await describeTree(at))["/grown"]).toContain(" 3000000 ");
    expect(Object.keys(await describeTree(at))).toEqual(["", "/grown"]);
    await Bun.$`rm -r ${at}`;
  });
});

test("trees by chance come out as they went in", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const root = await aFolder();
    await makeTree(join(root, "in"), makeRandom(seed));
    const done = await unpackAt(
      fromText(join(root, "out")),
      writeTar(pack(join(root, "in")), { uid: 0, gid: 0 }),
    );
    expect([seed, done.problems, await describeTree(join(root, "out"))]).toEqual([
      seed,
      [],
      await describeTree(join(root, "in")),
    ]);
  }
});

/** With names of all sorts, several names of one file, links, empty folders, and times with fractions. */
async function makeTree(folder: string, random: () => number): Promise<void> {
  const names = [
    "a",
    "\xff\xfe",
    "\xc3\xa9",
    "e\u001b[1m",
    "n\nl",
    " ",
    "x".repeat(255),
    "y".repeat(120),
    "-",
    "\\",
  ];
  const folders = [""];
  const files: Buffer[] = [];
  const pathOf = (name: string) => toBytes(`${fromText(folder)}${name}`);
  await mkdir(folder);
  for (let count = 0; count < 25; count += 1) {
    const name = `${folders[Math.floor(random() * folders.length)]}/${names[Math.floor(random() * names.length)]}`;
    const kind = random();
    const [first] = files;
    try {
      if (kind < 0.3 && name.length < 1_500) {
        await mkdir(pathOf(name));
        folders.push(name);
      } else if (kind < 0.4) await symlink(toBytes(kind < 0.35 ? "\xff" : "t".repeat(180)), pathOf(name));
      else if (kind < 0.5 && first) await link(first, pathOf(name));
      else {
        await writeFile(pathOf(name), "z".repeat(Math.floor(random() * 3_000)), { flag: "wx" });
        await chmod(pathOf(name), [0o644, 0o755, 0o600][count % 3] ?? 0o644);
        await utimes(pathOf(name), 0, Math.floor(random() * 2e12) / 1_000);
        files.push(pathOf(name));
      }
    } catch {
      // The name is taken
    }
  }
  for (const name of folders.toReversed()) await utimes(pathOf(name), 0, 1_000_000_000.5);
}
