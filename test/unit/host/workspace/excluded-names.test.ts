import { describe, expect, test } from "bun:test";
import { readWorkspace } from "../../../../src/host/workspace/workspace.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, aWorld } from "../../../support/temporary.ts";

const files = {
  ".env": "A=1",
  "sub/.env": "A=1",
  "secrets/a": "",
  "secrets/deep/b": "",
  "notes/secrets": "",
  "key.pem": "",
  "ä ö.txt": "",
  "keep/a.txt": "",
  ".gitignore": "!.env\n",
};

async function listed(exclude: readonly string[], env = {}) {
  const world = { ...(await aWorld()), cwd: await aFolder(files) };
  const workspace = await readWorkspace({ ...world, env: { ...world.env, ...env } }, { exclude });
  const paths: string[] = [];
  for await (const entry of workspace.entries()) if (entry.kind === "file") paths.push(entry.path);
  return { paths: paths.toSorted(), count: workspace.count, credentials: workspace.credentialFiles };
}

describe("the patterns of a manifest, in a folder without a repository,", () => {
  test("leave out what they name, at every depth, and what is in folders that they name", async () => {
    const { paths, count, credentials } = await listed([".env", "secrets/", "/*.pem", "ä*"]);
    expect(paths).toEqual([".gitignore", "keep/a.txt", "notes/secrets"]);
    expect(count).toBe(3);
    expect(credentials).toEqual([]);
  });

  test("leave nothing out without any", async () => {
    // The control: without a pattern all of it goes in
    expect((await listed([])).paths).toHaveLength(Object.keys(files).length);
  });

  test("are an error where git cannot say what they name, and no matter without any", async () => {
    const env = { PATH: await aFolder() };
    const error = await failureOf(listed([".env"], env));
    expect(error.message).toContain("git does not say which files that are");
    expect((await listed([], env)).count).toBe(Object.keys(files).length);
  });
});
