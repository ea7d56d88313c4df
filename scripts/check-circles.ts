/** Checks that no files and no folders of `src` import each other in a circle, even for types only. Prints each circle that there is. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findCircles, graphFiles, graphFolders } from "./lib/import-circles.ts";

const root = join(import.meta.dir, "..");
const paths = await Array.fromAsync(new Bun.Glob("src/**/*.ts").scan({ cwd: root }));
const sources = new Map(
  await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), "utf8")] as const)),
);
const files = graphFiles(sources);
const circles = [...findCircles(files), ...findCircles(graphFolders(files))];
for (const circle of circles) console.error(`in a circle: ${circle.join(" → ")}`);
if (files.size === 0) console.error("error: Cannot find a file in src");
if (files.size === 0 || circles.length > 0) process.exit(1);
console.log(`${files.size} files import each other in no circle`);
