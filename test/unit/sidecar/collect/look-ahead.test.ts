import { expect, test } from "bun:test";
import { chmod, lstat, mkdir, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { askAside, lookAhead, lookAt } from "../../../../src/sidecar/collect/look-ahead.ts";
import { aFolder } from "../../../support/temporary.ts";

test("a thread sees what the program itself sees: files, folders, links, odd names, and what is not there", async () => {
  const folder = await aFolder();
  await Bun.write(join(folder, "plain"), "12345");
  await mkdir(join(folder, "sub"));
  await Bun.write(join(folder, "sub/ü and a\nline"), "");
  await symlink("nowhere", join(folder, "link"));
  await chmod(join(folder, "plain"), 0o755);
  await utimes(join(folder, "plain"), 10.5, 20.25);
  const names = ["plain", "sub", "sub/ü and a\nline", "link", "gone", "plain/below"];
  const paths = names.map((name) => Buffer.from(name).toString("latin1"));
  const found = new Map(await askAside(folder, paths));
  expect([...found.keys()]).toEqual(paths);
  for (const [index, path] of paths.entries()) {
    const own = lookAt(Buffer.from(join(folder, names[index] ?? "")));
    const pick = own && { mode: own.mode, size: own.size, mtimeMs: own.mtimeMs, ctimeMs: own.ctimeMs };
    expect(found.get(path)).toEqual(pick);
  }
  expect(found.get("gone")).toBeUndefined();
  expect(found.get("plain")?.mtimeMs).toBe((await lstat(join(folder, "plain"))).mtimeMs);
});

test("nothing is asked aside where there are few files, or each answer comes at once", async () => {
  const folder = await aFolder();
  expect((await lookAhead(folder, ["a"])).size).toBe(0);
  const many = Array.from({ length: 5_000 }, (_, index) => `file-${index}`);
  expect((await lookAhead(folder, many)).size).toBe(0);
});
