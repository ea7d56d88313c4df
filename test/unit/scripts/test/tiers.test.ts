import { expect, test } from "bun:test";
import { join } from "node:path";
import { listTierFiles, planTier, tierNames } from "../../../../scripts/lib/test/tiers.ts";
import { aFolder } from "../../../support/temporary.ts";

const root = join(import.meta.dir, "../../../..");
const seconds: Readonly<Record<string, number>> = { "test/engine/a.test.ts": 1, "test/engine/b.test.ts": 5 };
const options = { root, limitMs: 1_000, secondsOf: (file: string) => seconds[file] ?? 3 };

test("every tier has files, and scripts/test names the same tiers", async () => {
  for (const tier of tierNames) expect((await listTierFiles(root, tier)).length).toBeGreaterThan(3);
  expect(await Bun.file(join(root, "scripts/test")).text()).toContain(`all_tiers=(${tierNames.join(" ")})`);
});

test("files of a tier without an engine share a process, those with one have one each, the longest first", async () => {
  const folder = await aFolder({
    "test/engine/a.test.ts": "",
    "test/engine/b.test.ts": "",
    "test/engine/c.test.ts": "import a from 'b';\n\n// Runs alone: it looks at the whole machine\n",
  });
  const files = await listTierFiles(folder, "engine");
  expect(files).toEqual(["test/engine/a.test.ts", "test/engine/b.test.ts", "test/engine/c.test.ts"]);
  const { shared, alone } = await planTier("engine", files, { ...options, root: folder });
  expect(shared.map((one) => one.files)).toEqual([["test/engine/b.test.ts"], ["test/engine/a.test.ts"]]);
  expect(alone.map((one) => one.files)).toEqual([["test/engine/c.test.ts"]]);
  const unit = await planTier("unit", ["x", "y"], options);
  expect([unit.shared, unit.alone.map((one) => one.files)]).toEqual([[], [["x", "y"]]]);
  expect(unit.alone[0]?.words(["x"]).slice(1)).toEqual(["test", "--timeout=1000", "--randomize", "./x"]);
  expect(await planTier("unit", [], options)).toEqual({ name: "unit", shared: [], alone: [] });
});
