/** Checks that every export is asked for by another file. Prints `file:line name` for what is not. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findUnusedExports } from "./lib/exports.ts";

const root = join(import.meta.dir, "..");
const paths = await Array.fromAsync(new Bun.Glob("{src,scripts,test}/**/*.ts").scan({ cwd: root }));
const files = new Map(
  await Promise.all(
    paths.toSorted().map(async (path) => [path, await readFile(join(root, path), "utf8")] as const),
  ),
);
const unused = findUnusedExports(files);
for (const { path, line, name } of unused) console.error(`${path}:${line} nobody asks for ${name}`);
if (files.size === 0) console.error("error: Cannot find a file");
if (files.size === 0 || unused.length > 0) process.exit(1);
console.log(`${files.size} files export what others ask for`);
