import { beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSetupInputs } from "../../../../src/host/workspace/setup-inputs.ts";
import { failureOf } from "../../../support/failure.ts";
import { git } from "../../../support/git.ts";
import { aFolder } from "../../../support/temporary.ts";

const { env } = process;
const wanted = { inputs: ["lock.json"], keep: ["node_modules"] };

describe("what a setup depends on", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await aFolder();
    await git(folder, "init", "--quiet");
    await writeFile(join(folder, "lock.json"), "{}\n");
    await writeFile(join(folder, ".gitignore"), "node_modules/\n");
  });

  const read = (change: Partial<typeof wanted> = {}) =>
    readSetupInputs(folder, { ...wanted, ...change }, env);
  const problem = async (change: Partial<typeof wanted>) => (await failureOf(read(change))).message;

  test("is told by content", async () => {
    const digest = createHash("sha256").update("{}\n").digest("hex");
    expect(await read()).toEqual({ directory: folder, inputs: [{ path: "lock.json", digest }] });
    await symlink("lock.json", join(folder, "link.json"));
    expect((await read({ inputs: ["link.json"] })).inputs).toEqual([{ path: "link.json", digest }]);
  });

  test("is a file of the workspace", async () => {
    await mkdir(join(folder, "sub"));
    await symlink("/etc/hostname", join(folder, "out"));
    expect(await problem({ inputs: ["none"] })).toContain("the workspace does not have it");
    expect(await problem({ inputs: ["sub"] })).toContain("it is not a file");
    expect(await problem({ inputs: ["out"] })).toContain("it is a link that leads out of the workspace");
  });

  test("keeps nothing that would count as work: what git does not ignore, or tracks", async () => {
    expect(await problem({ keep: ["vendor"] })).toBe(
      'Cannot keep "vendor" of the setup: git does not ignore it',
    );
    await mkdir(join(folder, "node_modules"));
    await writeFile(join(folder, "node_modules/tracked"), "");
    await git(folder, "add", "--force", "node_modules/tracked");
    expect(await problem({})).toBe('Cannot keep "node_modules" of the setup: git tracks files in it');
    expect((await read({ keep: ["~/.npm"] })).inputs).toHaveLength(1);
  });

  test("needs a repository, which tells what is work", async () => {
    folder = await aFolder();
    await writeFile(join(folder, "lock.json"), "{}\n");
    expect(await problem({})).toContain("a setup needs a git repository");
  });
});
