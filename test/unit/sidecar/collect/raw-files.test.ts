import { expect, test } from "bun:test";
import { chmod, mkdir, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { GitPlace } from "../../../../src/sidecar/collect/git.ts";
import { makeGitFolder } from "../../../../src/sidecar/collect/own-objects.ts";
import { takeRawFiles } from "../../../../src/sidecar/collect/raw-files.ts";
import { git } from "../../../support/git.ts";
import { aFolder } from "../../../support/temporary.ts";

async function makePlace(
  settings: readonly string[] = [],
): Promise<GitPlace & { readonly workTree: string }> {
  const parent = await aFolder();
  const [workTree, gitFolder] = [join(parent, "work"), join(parent, "own.git")];
  await mkdir(join(workTree, "sub"), { recursive: true });
  await Bun.write(join(workTree, "sub/file.txt"), "one\r\ntwo\n");
  makeGitFolder(gitFolder, "sha1");
  return { workTree, gitFolder, timeoutMs: 60_000, settings };
}

test("a plain file is what git makes of it, with its mode, and one that is gone is nothing", async () => {
  const place = await makePlace(["core.filemode=true", "core.excludesFile=/x", "core.autocrlf=false"]);
  const id = (await git(place.workTree, "hash-object", "--no-filters", "sub/file.txt")).trim();
  const take = () => takeRawFiles(place, ["sub/file.txt", "gone"], new Map());
  expect([...(take() ?? [])]).toEqual([
    ["sub/file.txt", { mode: "100644", id }],
    ["gone", undefined],
  ]);
  await chmod(join(place.workTree, "sub/file.txt"), 0o755);
  expect(take()?.get("sub/file.txt")?.mode).toBe("100755");
});

test.each([
  "core.autocrlf=true",
  "core.autocrlf=input",
  "core.filemode=false",
  "core.eol=crlf",
  "core.ignorecase=true",
  "core.symlinks=false",
  "core.unknown=1",
])("with %s it is left to git", async (setting) => {
  const place = await makePlace([setting]);
  expect(takeRawFiles(place, ["sub/file.txt"], new Map())).toBeUndefined();
});

test.each([".gitattributes", "sub/.gitattributes"])(
  "with %s on its way it is left to git, and beside it not",
  async (name) => {
    const place = await makePlace();
    await Bun.write(join(place.workTree, name), "*.txt text\n");
    expect(takeRawFiles(place, ["sub/file.txt"], new Map())).toBeUndefined();
    await unlink(join(place.workTree, name));
    const entry = { mode: "100644", id: "0".repeat(40), stage: 0, isUnwatched: false };
    // The index has it where the disk has not
    expect(takeRawFiles(place, ["sub/file.txt"], new Map([[name, entry]]))).toBeUndefined();
    expect(takeRawFiles(place, ["sub/file.txt"], new Map([["other/.gitattributes", entry]]))).toBeDefined();
  },
);

test("with attributes that hold everywhere it is left to git", async () => {
  for (const name of ["user-attributes", "info/attributes"]) {
    const place = await makePlace();
    await Bun.write(join(place.gitFolder, name), "*.txt text\n");
    expect(takeRawFiles(place, ["sub/file.txt"], new Map())).toBeUndefined();
  }
});

test.each([".GIT/config", "sub/git~1", "a b", "ü", ".gitmodules", "sub/../x", "a\\b"])(
  "the name %j is for git to judge",
  async (name) => {
    expect(takeRawFiles(await makePlace(), [name], new Map())).toBeUndefined();
  },
);

test("a link, a folder and what cannot be read are left to git", async () => {
  const place = await makePlace();
  await symlink("file.txt", join(place.workTree, "sub/link"));
  for (const name of ["sub/link", "sub"]) expect(takeRawFiles(place, [name], new Map())).toBeUndefined();
});
