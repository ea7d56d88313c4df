/** Checks that every file of `src` keeps to its layer and its budgets. Prints `file:line rule` for what does not. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkSource } from "./lib/layers-rules.ts";
import type { Violation } from "./lib/layers-rules.ts";

const root = join(import.meta.dir, "..");

/** Every violation, and how many files were looked at: none would mean that the search is broken. */
async function checkLayers(): Promise<{ files: number; violations: Violation[] }> {
  const paths = await Array.fromAsync(new Bun.Glob("src/**/*.ts").scan({ cwd: root }));
  const found = await Promise.all(
    paths.toSorted().map(async (path) => checkSource(path, await readFile(join(root, path), "utf8"))),
  );
  return { files: paths.length, violations: found.flat() };
}

if (import.meta.main) {
  const { files, violations } = await checkLayers();
  for (const { path, line, rule } of violations) console.error(`${path}:${line} ${rule}`);
  if (files === 0) console.error("error: Cannot find a file in src");
  if (files === 0 || violations.length > 0) process.exit(1);
  console.log(`${files} files keep to their layers`);
}
