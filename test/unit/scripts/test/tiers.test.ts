import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { listTierFiles, planTier, tierNames } from "../../../../scripts/lib/test/tiers.ts";
import { aFolder } from "../../../support/temporary.ts";

const root = join(import.meta.dir, "../../../..");
const seconds: Readonly<Record<string, number>> = { "test/engine/a.test.ts": 1, "test/engine/b.test.ts": 5 };
const options = { root, limitMs: 1_000, jobs: 2, secondsOf: (file: string) => seconds[file] ?? 3 };

test("every tier has files, and scripts/test names the same tiers", async () => {
  for (const tier of tierNames) expect((await listTierFiles(root, tier)).length).toBeGreaterThan(3);
  expect(await Bun.file(join(root, "scripts/test")).text()).toContain(`all_tiers=(${tierNames.join(" ")})`);
});

test("files of a tier without an engine share as many processes as may be, those with one have one each", async () => {
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
  const unit = await planTier("unit", files, { ...options, root: folder });
  // b takes 5 seconds, a 1
  expect(unit.shared.map((one) => one.files)).toEqual([["test/engine/b.test.ts"], ["test/engine/a.test.ts"]]);
  expect(unit.alone.map((one) => one.files)).toEqual([["test/engine/c.test.ts"]]);
  const one = await planTier("unit", files, { ...options, root: folder, jobs: 1 });
  expect(one.shared.map(({ files: some }) => some)).toEqual([
    ["test/engine/b.test.ts", "test/engine/a.test.ts"],
  ]);
  expect(unit.shared[0]?.words(["x"]).slice(1)).toEqual(["test", "--timeout=1000", "--randomize", "./x"]);
  expect(await planTier("unit", [], options)).toEqual({ name: "unit", shared: [], alone: [], lacking: [] });
});

test("a file is left out where a program is missing that it needs", async () => {
  const folder = await aFolder({
    "test/unit/a.test.ts": "// Needs: sh\n",
    "test/unit/b.test.ts": "import a from 'b';\n\n// Needs: sh, no-such-program\n",
  });
  const files = await listTierFiles(folder, "unit");
  const { shared, lacking } = await planTier("unit", files, { ...options, root: folder });
  expect(shared.map((one) => one.files)).toEqual([["test/unit/a.test.ts"]]);
  expect(lacking).toEqual([{ file: "test/unit/b.test.ts", program: "no-such-program" }]);
});

test("every file says so that runs a program which not every machine has, or looks for it itself", async () => {
  const silent: string[] = [];
  for (const file of new Bun.Glob("test/*/**/*.test.ts").scanSync({ cwd: root })) {
    if (join(root, file) === import.meta.path) continue;
    const text = await Bun.file(join(root, file)).text();
    const modules = await findImports(join(root, file));
    for (const program of ["openssl", "ssh-keygen"])
      if (
        modules.some((one) => one.includes(`"${program}"`) || one.includes(`$\`${program} `)) &&
        !new RegExp(`^// Needs: .*${program}|Bun\\.which\\("${program}|find(Ssh)?Obstacle`, "m").test(text)
      )
        silent.push(`${file}: ${program}`);
  }
  expect(silent).toEqual([]);
});

/** Texts of a file, and of what it imports of the tests, over all steps. */
async function findImports(path: string, seen = new Map<string, string>()): Promise<string[]> {
  if (seen.has(path) || !path.startsWith(join(root, "test/")) || !(await Bun.file(path).exists()))
    return [...seen.values()];
  const text = await Bun.file(path).text();
  seen.set(path, text);
  for (const [, imported = ""] of text.matchAll(/ from "(\.[^"]+\.ts)"/g))
    await findImports(join(dirname(path), imported), seen);
  return [...seen.values()];
}
