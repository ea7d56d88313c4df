/** Objects that the collector writes itself are those that git would write. */
import { expect, test } from "bun:test";
import { emptyTree, writeObject } from "../../../../src/sidecar/collect/own-objects.ts";
import { aFolder, git } from "../../../support/temporary.ts";

test.each(["sha1", "sha256"] as const)(
  "many objects are written, each once, as git reads them (%s)",
  async (format) => {
    const folder = await aFolder();
    await git(folder, "init", "--quiet", "--bare", `--object-format=${format}`);
    const place = { gitFolder: folder, timeoutMs: 60_000, objectFormat: format };
    // More than there are folders for their first two digits, so that some share one
    const texts = Array.from({ length: 300 }, (_, index) => `text ${index}\n`);
    const ids = texts.map((text) => writeObject(place, "blob", Buffer.from(text)));
    expect(texts.map((text) => writeObject(place, "blob", Buffer.from(text)))).toEqual(ids);
    expect(new Set(ids).size).toBe(300);
    for (const at of [0, 150, 299]) {
      expect(await git(folder, "cat-file", "blob", ids[at] ?? "")).toBe(`text ${at}`);
    }
    await git(folder, "fsck", "--strict");
    expect(await git(folder, "cat-file", "-t", emptyTree(place))).toBe("tree");
  },
);
