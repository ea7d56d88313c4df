import { describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseBundleHeader } from "../../../src/host/bundle-header.ts";
import { checkWholeBundle, fetchBundle, MissingHistory } from "../../../src/host/fetch-bundle.ts";
import { aFolder, aRepository, anEnvironment, git, putFiles } from "../../support/temporary.ts";

/** A clone with a commit of its own, as a bundle of what is new in it. */
async function aBundle(
  repository: string,
  files: Readonly<Record<string, string>>,
  without = "^origin/main",
): Promise<string> {
  const clone = join(await aFolder(), "clone");
  await git(repository, "clone", "--quiet", repository, clone);
  await putFiles(clone, files);
  await git(clone, "add", "--all");
  await git(clone, "commit", "--quiet", "--message", "Second");
  const bundle = join(await aFolder(), "x.bundle");
  await git(clone, "bundle", "create", "--quiet", bundle, "main", ...(without === "" ? [] : [without]));
  return bundle;
}

async function fetchInto(repository: string, bundle: string) {
  return fetchBundle({
    repository,
    bundle,
    session: "s",
    scratch: await aFolder(),
    env: await anEnvironment(),
  });
}

describe("fetchBundle()", () => {
  test("brings commits in below refs/bottles and leaves all else as it was", async () => {
    const repository = await aRepository();
    const bundle = await aBundle(repository, { "b.txt": "b\n" });
    const config = await readFile(join(repository, ".git/config"), "utf8");
    const [ref] = await fetchInto(repository, bundle);
    expect(ref).toMatchObject({ ref: "refs/bottles/s/heads/main", commits: 1 });
    expect(await git(repository, "show", "refs/bottles/s/heads/main:b.txt")).toBe("b");
    expect(await git(repository, "status", "--short")).toBe("");
    expect(await readFile(join(repository, ".git/config"), "utf8")).toBe(config);
    expect(await Bun.file(join(repository, ".git/FETCH_HEAD")).exists()).toBe(false);
    expect(await git(repository, "for-each-ref", "--format=%(refname)")).toBe(
      "refs/bottles/s/heads/main\nrefs/heads/main",
    );
  });

  test("runs no hook of the user's", async () => {
    const repository = await aRepository();
    const bundle = await aBundle(repository, { "b.txt": "b\n" });
    const hook = `#!/bin/sh\ntouch ${repository}/mark\n`;
    await writeFile(join(repository, ".git/hooks/reference-transaction"), hook, { mode: 0o755 });
    await fetchInto(repository, bundle);
    expect(await Bun.file(join(repository, "mark")).exists()).toBe(false);
  });

  test("says that history is missing, so that all of it can be asked for", async () => {
    const repository = await aRepository();
    const bundle = await aBundle(repository, { "b.txt": "b\n" });
    const other = await aRepository({ "other.txt": "x\n" });
    await expect(fetchInto(other, bundle)).rejects.toBeInstanceOf(MissingHistory);
    expect((await fetchInto(other, await aBundle(repository, { "b.txt": "b\n" }, "")))[0]?.commits).toBe(2);
  });

  test("refuses objects that git finds fault with, before they are in the repository", async () => {
    const repository = await aRepository();
    const clone = join(await aFolder(), "clone");
    await git(repository, "clone", "--quiet", repository, clone);
    const modules = '[submodule "../../hooks"]\n\tpath = x\n\turl = -u./payload\n';
    await putFiles(clone, { ".gitmodules": modules });
    await git(clone, "add", "--all");
    await git(clone, "commit", "--quiet", "--message", "Bad");
    const bundle = join(await aFolder(), "x.bundle");
    await git(clone, "bundle", "create", "--quiet", bundle, "main", "^origin/main");
    await expect(fetchInto(repository, bundle)).rejects.toThrow("git finds errors in its objects");
    const id = await git(clone, "rev-parse", "main");
    await expect(git(repository, "cat-file", "-e", id)).rejects.toThrow();
    // Control: git's own fetch may take it, which is why it is not relied on
    expect(await git(clone, "cat-file", "-t", id)).toBe("commit");
  });

  test("refuses a bundle that was cut short", async () => {
    const repository = await aRepository();
    const bundle = await aBundle(repository, { "b.txt": "b\n" });
    const bytes = await readFile(bundle);
    await writeFile(bundle, bytes.subarray(0, bytes.length - 30));
    await expect(fetchInto(repository, bundle)).rejects.toThrow();
    expect(await git(repository, "for-each-ref", "refs/bottles")).toBe("");
  });
});

describe("checkWholeBundle()", () => {
  test("takes one that needs nothing, and refuses one that builds on something", async () => {
    const repository = await aRepository();
    const [scratch, env] = [await aFolder(), await anEnvironment()];
    const whole = await aBundle(repository, { "b.txt": "b\n" }, "");
    expect((await checkWholeBundle(whole, scratch, env)).refs).toHaveLength(1);
    const part = await aBundle(repository, { "b.txt": "b\n" });
    await expect(checkWholeBundle(part, scratch, env)).rejects.toThrow("builds on commits");
  });
});

describe("parseBundleHeader()", () => {
  const id = "1".repeat(40);

  test("reads refs, prerequisites and the object format", () => {
    const text = `# v3 git bundle\n@object-format=sha256\n-${id} Some subject\n${id} refs/heads/a b\n\nPACK`;
    expect(parseBundleHeader(Buffer.from(text))).toEqual({
      refs: [{ id, name: "refs/heads/a b" }],
      prerequisites: [id],
      objectFormat: "sha256",
      packOffset: text.length - 4,
    });
  });

  test.each([
    ["another program's file", "PK\u0003\u0004\n\n"],
    ["no end", `# v2 git bundle\n${id} refs/heads/main\n`],
    ["a capability that leaves objects out", `# v3 git bundle\n@filter=blob:none\n${id} refs/heads/main\n\n`],
    ["a line of nothing known", "# v2 git bundle\nx\n\n"],
  ])("refuses %s", (_what, text) => {
    expect(() => parseBundleHeader(Buffer.from(text))).toThrow();
  });
});
