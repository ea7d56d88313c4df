import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { foldsCase } from "../../../src/host/folds-case.ts";
import { aFolder } from "../../support/temporary.ts";

test("foldsCase() says what the disk does, and leaves nothing there", async () => {
  const folder = await aFolder({ "a-file": "" });
  const isFolded = await Bun.file(`${folder}/A-FILE`).exists();
  expect(await foldsCase(folder)).toBe(isFolded);
  expect(await readdir(folder)).toEqual(["a-file"]);
  expect(await foldsCase(`${folder}/none`)).toBe(false);
});
