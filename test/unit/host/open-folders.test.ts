/** Files are opened from folder to folder, so that no link leads out, and no more folders stay open than lead to the last file. */
import { describe, expect, test } from "bun:test";
import { closeSync, readFileSync, readlinkSync, readdirSync } from "node:fs";
import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { openFolders } from "../../../src/host/open-folders.ts";
import { aFolder } from "../../support/temporary.ts";

/** Folders and files below `root` that this process has open. */
function countOpen(root: string): number {
  const targets = readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return [];
    }
  });
  return targets.filter((target) => target === root || target.startsWith(`${root}/`)).length;
}

describe.skipIf(process.platform !== "linux")("folders that are opened", () => {
  test("stay open only as far as they lead to the last file, and not after the end", async () => {
    const paths = Array.from({ length: 40 }, (_, index) => `a${index}/b/c/file`);
    const root = await aFolder(Object.fromEntries(paths.map((path) => [path, path])));
    const folders = openFolders(root);
    for (const path of [...paths, "a1/b/c/file"]) {
      const { descriptor } = folders.openFile(path);
      expect(readFileSync(descriptor, "utf8")).toBe(path);
      closeSync(descriptor);
      // The root and three folders below it
      expect(countOpen(root)).toBe(4);
    }
    folders.close();
    expect(countOpen(root)).toBe(0);
  });

  test("are no links, be they swapped in between two files", async () => {
    const root = await aFolder({ "a/b/one": "1", "a/b/two": "2", "c/two": "other" });
    const folders = openFolders(root);
    closeSync(folders.openFile("a/b/one").descriptor);
    await rename(join(root, "a"), join(root, "moved"));
    await symlink("c", join(root, "a"));
    // The folder that was opened is still the one that it was
    const { descriptor } = folders.openFile("a/b/two");
    expect(readFileSync(descriptor, "utf8")).toBe("2");
    closeSync(descriptor);
    expect(() => folders.openFile("a/two")).toThrow();
    folders.close();
    const fresh = openFolders(root);
    expect(() => fresh.openFile("a/two")).toThrow();
    fresh.close();
  });
});
