import { describe, expect, test } from "bun:test";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lookForCredentials } from "../../../src/host/credential-files.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

describe("lookForCredentials()", () => {
  test("goes by names, and by what is in a file whose name says too little", async () => {
    const folder = await aFolder();
    await putFiles(folder, {
      "a.ts": "token = abcdef",
      ".env": "A=1",
      "empty/.env": "",
      "test/b.p12": "1",
      ".npmrc": "save-exact=true\n",
      "sub/.npmrc": "//r.example/:_authToken=abcdef\n",
      "cert.pem": "-----BEGIN CERTIFICATE-----\n",
      "key.pem": "-----BEGIN PRIVATE KEY-----\n",
    });
    const paths = ["test/b.p12", "key.pem", "a.ts", ".env", "empty/.env", ".npmrc", "sub/.npmrc", "cert.pem"];
    expect(await lookForCredentials(folder, [...paths, "gone/.env"])).toEqual([
      "key.pem",
      ".env",
      "sub/.npmrc",
      "test/b.p12",
    ]);
  });

  test("does not look behind a link, and waits for no FIFO", async () => {
    const [folder, outside] = [await aFolder(), await aFolder()];
    await putFiles(outside, { ".npmrc": "_auth=abcdef", ".env": "A=1" });
    await symlink(join(outside, ".npmrc"), join(folder, ".npmrc"));
    await symlink(join(outside, ".env"), join(folder, ".env"));
    await symlink(outside, join(folder, "linked"));
    await mkdir(join(folder, "id_rsa"));
    Bun.spawnSync(["mkfifo", join(folder, "a.key")]);
    expect(await lookForCredentials(folder, [".npmrc", ".env", "id_rsa", "a.key"])).toEqual([]);
  });

  test("reads no more of a large file than its beginning, and counts what cannot be read by its name", async () => {
    const folder = await aFolder();
    await writeFile(join(folder, "large.pem"), "-----BEGIN PRIVATE KEY-----\n");
    await truncate(join(folder, "large.pem"), 1024 ** 4);
    await putFiles(folder, { "late.pem": `${"-".repeat(64 * 1024)}\n-----BEGIN PRIVATE KEY-----\n` });
    expect(await lookForCredentials(folder, ["large.pem", "late.pem"])).toEqual(["large.pem"]);
    const outside = await aFolder();
    await putFiles(outside, { "a.pem": "-----BEGIN CERTIFICATE-----" });
    await symlink(outside, join(folder, "linked"));
    expect(await lookForCredentials(folder, ["linked/a.pem"])).toEqual(["linked/a.pem"]);
  });

  test("counts by its name what no string can open", async () => {
    const paths = ["a\udcff/.env", "\udcfe.pem", "\udcfe.txt"];
    expect(await lookForCredentials(await aFolder(), paths)).toEqual(paths.slice(0, 2));
  });

  test("takes as many as there are", async () => {
    const folder = await aFolder();
    const paths = Array.from({ length: 300 }, (_, index) => `k${index}.pem`);
    await putFiles(folder, Object.fromEntries(paths.map((path) => [path, "-----BEGIN PRIVATE KEY-----"])));
    expect(await lookForCredentials(folder, paths)).toEqual(paths);
  });
});
