import { describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { projectManifestPath, readManifestFiles } from "../../../src/host/manifest-files.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

const name = "claude-bottle.json";

async function found(home: string, cwd: string) {
  return (await readManifestFiles({ home, cwd })).map(
    (file) => `${file.scope} ${file.shownPath} ${file.text}`,
  );
}

describe("readManifestFiles()", () => {
  test("gives the home file first, then the nearest one of the repository", async () => {
    const home = await aFolder({ [name]: "H", [`p/${name}`]: "P", "p/.git/HEAD": "", "p/sub/deep/x": "" });
    expect(await found(home, join(home, "p/sub/deep"))).toEqual([
      `home ~/${name} H`,
      `project ~/p/${name} P`,
    ]);
    expect(await found(home, join(home, "p"))).toEqual([`home ~/${name} H`, `project ${name} P`]);
    await putFiles(home, { [`p/sub/${name}`]: "S" });
    expect(await found(home, join(home, "p/sub/deep"))).toEqual([
      `home ~/${name} H`,
      `project ~/p/sub/${name} S`,
    ]);
  });

  test("does not look above the repository's root, nor above the folder outside of one", async () => {
    const home = await aFolder();
    const shared = await aFolder({ [name]: "evil", "p/.git": "gitdir: x", "p/sub/x": "", "q/sub/x": "" });
    expect(await found(home, join(shared, "p/sub"))).toEqual([]);
    expect(await found(home, join(shared, "q/sub"))).toEqual([]);
    expect(await found(home, shared)).toEqual([`project ${name} evil`]);
  });

  test("takes the home file once, in the home folder and below one that is a repository", async () => {
    const home = await aFolder({ [name]: "H", ".git/HEAD": "", "x/y": "" });
    expect(await found(home, home)).toEqual([`home ~/${name} H`]);
    expect(await found(home, join(home, "x"))).toEqual([`home ~/${name} H`]);
  });

  test("knows the home folder by another name", async () => {
    const real = await aFolder({ [name]: "H", ".git/HEAD": "", "x/y": "" });
    const home = join(await aFolder(), "home");
    await symlink(real, home);
    expect(await found(home, join(real, "x"))).toEqual([`home ~/${name} H`]);
  });

  test("finds nothing where nothing is", async () => {
    expect(await found(await aFolder(), await aFolder())).toEqual([]);
  });
});

describe("projectManifestPath()", () => {
  test("is the file there is, the repository's root, or the folder itself", async () => {
    const home = await aFolder();
    const cwd = await aFolder({ ".git/HEAD": "", "a/b/x": "", "c/x": "" });
    expect(await projectManifestPath({ home, cwd: join(cwd, "a/b") })).toBe(join(cwd, name));
    await putFiles(cwd, { [`a/${name}`]: "{}" });
    expect(await projectManifestPath({ home, cwd: join(cwd, "a/b") })).toBe(join(cwd, "a", name));
    const plain = await aFolder({ "a/x": "" });
    expect(await projectManifestPath({ home, cwd: join(plain, "a") })).toBe(join(plain, "a", name));
  });
});
