/** What the collector writes and reads in git's place is what git itself writes and reads. */
import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endQuestions, readObjects, resolveObjects } from "../../../../src/sidecar/collect/ask-git.ts";
import { editTree, readEntries } from "../../../../src/sidecar/collect/edit-tree.ts";
import type { TreeEntry } from "../../../../src/sidecar/collect/edit-tree.ts";
import type { GitPlace } from "../../../../src/sidecar/collect/git.ts";
import { parseIndex, renderIndex } from "../../../../src/sidecar/collect/index-file.ts";
import { makeGitFolder, writeCommit, writeObject } from "../../../../src/sidecar/collect/own-objects.ts";
import { createRefs, isRefName, listRefs } from "../../../../src/sidecar/collect/own-refs.ts";
import { takeChanges, writeTree } from "../../../../src/sidecar/collect/work-tree.ts";
import { tryTool } from "../../../../scripts/lib/run-tool.ts";
import { git } from "../../../support/git.ts";
import { Picker } from "../../../../scripts/lib/fuzz/picker.ts";
import { aFolder } from "../../../support/temporary.ts";

const formats = ["sha1", "sha256"] as const;

async function aPlace(objectFormat: (typeof formats)[number]): Promise<GitPlace> {
  const gitFolder = await aFolder();
  makeGitFolder(gitFolder, objectFormat);
  return { gitFolder, index: join(gitFolder, "index"), objectFormat, refs: new Map(), timeoutMs: 20_000 };
}

/** Names that sort in odd ways beside each other, and one that is no text. */
const names = ["a", "a.b", "a-b", "a0", "b", "B", "\xff", "é", "a b", "x"];

function makeChanges(picker: Picker, blobs: readonly string[]): Map<string, TreeEntry | undefined> {
  const changes = new Map<string, TreeEntry | undefined>();
  const count = 1 + picker.below(12);
  for (let made = 0; made < count; made += 1) {
    const path = Array.from({ length: 1 + picker.below(3) }, () => picker.pick(names)).join("/");
    const set = [...changes].filter(([, entry]) => entry !== undefined).map(([other]) => other);
    const mode = picker.pick(["100644", "100755", "120000"]);
    // No list of files has a file and something below it
    const isFree = set.every((other) => !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`));
    if (isFree) changes.set(path, picker.below(3) === 0 ? undefined : { mode, id: picker.pick(blobs) });
  }
  return changes;
}

/** By an index of git's, as the collector did it before. */
async function editByGit({ gitFolder }: GitPlace, tree: string, changes: Map<string, TreeEntry | undefined>) {
  const zeros = "0".repeat(tree.length);
  const lines = [...changes].toSorted(([, a], [, b]) => Number(a !== undefined) - Number(b !== undefined));
  const input = lines.map(([path, entry]) =>
    entry ? `${entry.mode} ${entry.id}\t${path}\0` : `0 ${zeros}\t${path}\0`,
  );
  const env = { GIT_DIR: gitFolder, GIT_INDEX_FILE: join(gitFolder, "by-git"), PATH: process.env["PATH"] };
  const run = (words: readonly string[], bytes?: Uint8Array) =>
    Bun.spawnSync(["git", ...words], { env, stdin: bytes ?? "ignore" })
      .stdout.toString()
      .trim();
  run(["read-tree", tree]);
  run(["update-index", "-z", "--replace", "--index-info"], Buffer.from(input.join(""), "latin1"));
  return run(["write-tree"]);
}

describe.each(formats)("in a repository of %s", (format) => {
  test("a tree that is changed is the one that git writes, for every change", async () => {
    const place = await aPlace(format);
    const picker = new Picker(7);
    const blobs = ["one", "two", "three"].map((text) => writeObject(place, "blob", Buffer.from(text)));
    let tree = await editTree(place, undefined, new Map());
    for (let round = 0; round < 60; round += 1) {
      const changes = makeChanges(picker, blobs);
      const expected = await editByGit(place, tree, changes);
      tree = await editTree(place, tree, changes);
      expect(tree).toBe(expected);
      const set = new Map([...changes].flatMap(([path, entry]) => (entry ? [[path, entry] as const] : [])));
      const found = await readEntries(place, tree, changes.keys());
      // A file that is taken away where a folder is leaves the folder
      expect(new Map([...found].filter(([, entry]) => entry.mode !== "40000"))).toEqual(set);
    }
    endQuestions(place);
  });

  test("objects, commits and refs are taken by git, which finds nothing wrong", async () => {
    const place = await aPlace(format);
    const blob = writeObject(place, "blob", Buffer.from("x\n"));
    const tree = await editTree(place, undefined, new Map([["d/f", { mode: "100644", id: blob }]]));
    const first = writeCommit(place, tree, undefined, "First\n");
    const second = writeCommit(place, tree, first, "Second ä\n");
    await createRefs(place, [
      ["refs/heads/main", second],
      ["refs/heads/main/below", second],
      ["refs/heads/ümlaut", first],
      ["refs/heads/no..name", first],
      ["refs/heads/gone", "1".repeat(first.length)],
    ]);
    expect(await git(place.gitFolder, "fsck", "--strict", "--no-dangling")).toBe("");
    const listed = await git(place.gitFolder, "for-each-ref", "--format=%(refname) %(contents:subject)");
    expect(listed.split("\n")).toEqual(["refs/heads/main Second ä", "refs/heads/ümlaut First"]);
    expect(listRefs(place, ["refs/heads"]).map((name) => Buffer.from(name, "latin1").toString())).toEqual([
      "refs/heads/main",
      "refs/heads/ümlaut",
    ]);
    expect(listRefs(place, ["refs/tags"])).toEqual([]);
    endQuestions(place);
  });

  test("an index is read by git as it was written, and the other way round", async () => {
    const place = await aPlace(format);
    const id = writeObject(place, "blob", Buffer.from("x"));
    const long = "n".repeat(5_000).replaceAll(/.{200}/g, "$&/");
    const paths = [...names, ...names.map((name) => `d/${name}`), `${long}f`];
    const entries = new Map(
      paths.toSorted().map((path, at) => [path, { mode: at % 2 ? "100644" : "120000", id }]),
    );
    await writeFile(join(place.gitFolder, "index"), renderIndex(entries, format));
    const listed = Bun.spawnSync(["git", "ls-files", "-z", "--stage"], { cwd: place.gitFolder }).stdout;
    const lines = [...entries].map(([path, entry]) => `${entry.mode} ${entry.id} 0\t${path}\0`);
    expect(Buffer.from(listed).toString("latin1")).toBe(lines.join(""));
    // Written by git
    await git(
      place.gitFolder,
      "--work-tree",
      ".",
      "update-index",
      "--index-version",
      "3",
      "--force-remove",
      "x",
    );
    const bytes = Buffer.from(await Bun.file(join(place.gitFolder, "index")).arrayBuffer());
    entries.delete("x");
    expect(parseIndex(bytes, format)).toEqual(entries);
  });
});

test.each(["../x", "a/../x", "a/./x", "/x", "a//x", ".git/config", "a/.GIT/hooks/x", "a/"])(
  "no tree is written with the path %p",
  async (path) => {
    const place = await aPlace("sha1");
    const id = writeObject(place, "blob", Buffer.from("x"));
    const changes = new Map([[path, { mode: "100644", id }]]);
    await expect(editTree(place, undefined, changes)).rejects.toThrow("git does not accept it");
  },
);

test("a path that no tree can have is no hindrance where it only goes", async () => {
  const place = await aPlace("sha1");
  const id = writeObject(place, "blob", Buffer.from("x"));
  const kept = new Map([["a", { mode: "100644", id }]]);
  const changes = new Map<string, TreeEntry | undefined>([
    ...kept,
    [".GIT/x", undefined],
    ["../y", undefined],
  ]);
  expect(await editTree(place, undefined, changes)).toBe(await editTree(place, undefined, kept));
});

test("a file that git does not take keeps no other out", async () => {
  const workTree = await aFolder({ ".GIT/x": "x", "d/ok.txt": "ok\n" });
  const place = { ...(await aPlace("sha1")), workTree };
  // The last one is below a file, so it is not there
  const present = [".GIT/x", "d/ok.txt", "d/ok.txt/gone"];
  const changes = await takeChanges({ place, present, gone: [], indexed: new Map() });
  const id = writeObject(place, "blob", Buffer.from("ok\n"));
  expect(changes).toEqual(
    new Map([
      [".GIT/x", undefined],
      ["d/ok.txt", { mode: "100644", id }],
      ["d/ok.txt/gone", undefined],
    ]),
  );
  const tree = await writeTree(place, undefined, changes);
  expect(await readEntries(place, tree, present)).toEqual(new Map([["d/ok.txt", { mode: "100644", id }]]));
  endQuestions(place);
});

test("an index that is none is an error", () => {
  expect(() => parseIndex(Buffer.from("DIRC"), "sha1")).toThrow("not known here");
  expect(() => parseIndex(Buffer.from("DIRC\0\0\0\x04\0\0\0\0"), "sha1")).toThrow("not known here");
});

test("a name is taken for a ref exactly if git takes it", async () => {
  const parts = [
    "a",
    "b.lock",
    ".a",
    "a.",
    "a..b",
    "@",
    "@{",
    "ä",
    "a b",
    "~",
    "^",
    ":",
    "?",
    "*",
    "[",
    "\\",
    "",
    "-",
    "a@b",
    "a.lock.b",
  ];
  const folder = await aFolder();
  for (const first of parts)
    for (const name of [`refs/heads/${first}`, `refs/${first}/x`, `refs/heads/x/${first}`, first]) {
      const { exitCode } = await tryTool(["git", "check-ref-format", name], { cwd: folder });
      expect(`${name} ${isRefName(name)}`).toBe(`${name} ${exitCode === 0}`);
    }
});

describe("questions to a git that stays", () => {
  test("are answered in their order, whoever asks, and what is not there is told", async () => {
    const place = await aPlace("sha1");
    const blob = writeObject(place, "blob", Buffer.from("text"));
    const none = "2".repeat(40);
    const [first, second] = await Promise.all([
      resolveObjects(place, [blob, none, `${blob}^{tree}`]),
      resolveObjects(place, [blob]),
    ]);
    const known = { id: blob, type: "blob", size: "4", base: "0".repeat(40) };
    expect(first).toEqual([known, undefined, undefined]);
    expect(second).toEqual([known]);
    // Written while it runs
    const later = writeObject(place, "blob", Buffer.from("later"));
    expect((await resolveObjects(place, [later]))[0]?.id).toBe(later);
    endQuestions(place);
    expect((await resolveObjects(place, [later]))[0]?.id).toBe(later);
    endQuestions(place);
  });

  test("are refused for what is too large or of another kind, and the next one is answered", async () => {
    const place = await aPlace("sha1");
    const blob = writeObject(place, "blob", Buffer.from("text"));
    const empty = writeObject(place, "tree", Buffer.alloc(0));
    await expect(readObjects(place, [blob], "tree")).rejects.toThrow("it is no tree that can be read");
    await expect(readObjects(place, ["3".repeat(40)], "tree")).rejects.toThrow("it is no tree");
    const large = writeObject(place, "blob", Buffer.alloc(65 * 1024 * 1024));
    await expect(readObjects(place, [large], "blob")).rejects.toThrow("it is no blob that can be read");
    expect(await readObjects(place, [empty], "tree")).toEqual([Buffer.alloc(0)]);
    endQuestions(place);
  });
});
