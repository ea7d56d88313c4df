import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { hasInput } from "../../../src/host/pipe-terminal.ts";
import { aFolder } from "../../support/temporary.ts";

test("nothing can come from a terminal, from /dev/null, an empty file or a closed descriptor", async () => {
  const folder = await aFolder({ empty: "", full: "a prompt" });
  const look = (path: string) => {
    const descriptor = openSync(path, "r");
    try {
      return hasInput({ isTTY: false }, descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  writeFileSync(join(folder, "empty"), "");
  expect(look(join(folder, "full"))).toBe(true);
  expect(look(join(folder, "empty"))).toBe(false);
  expect(look("/dev/null")).toBe(false);
  expect(hasInput({ isTTY: true })).toBe(false);
  expect(hasInput({ isTTY: false }, 9_999)).toBe(false);
});
