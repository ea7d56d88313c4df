import { expect, test } from "bun:test";
import { exists, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeCopy } from "../../../../scripts/lib/mutate/copy.ts";
import { aRepository } from "../../../support/temporary.ts";

const canMount = process.platform === "linux" && process.getuid?.() === 0;

test.skipIf(!canMount)("goes with what a test has left mounted in it", async () => {
  const checkout = await aRepository({ "src/sidecar/bundled/gate.txt": "", "a.ts": "1" });
  const copy = await makeCopy(checkout);
  const disk = join(copy.temporary, "disk");
  await mkdir(disk);
  const { exitCode } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk]);
  await copy[Symbol.asyncDispose]();
  expect([exitCode, await exists(dirname(copy.root))]).toEqual([exitCode, false]);
});
