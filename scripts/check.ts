/**
 * The one gate before a commit: `bun run check [PART...]`. Runs what needs no engine and no build, side by side, and prints the output
 * of a part only if it failed.
 */
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { tryTool } from "./lib/run-tool.ts";

const root = join(import.meta.dir, "..");
const tool = (name: string) => join(root, "node_modules/.bin", name);

/** Part → its command */
const parts: Readonly<Record<string, readonly string[]>> = {
  format: [tool("oxfmt"), "--check", "."],
  lint: [tool("oxlint")],
  types: [tool("tsc"), "--noEmit"],
  layers: [process.execPath, "scripts/check-layers.ts"],
  circles: [process.execPath, "scripts/check-circles.ts"],
  exports: [process.execPath, "scripts/check-exports.ts"],
  tests: [process.execPath, "test", "--only-failures", "--randomize", "./test/unit", "./test/socket"],
};

async function runPart(name: string): Promise<boolean> {
  const start = performance.now();
  const { stdout, stderr, exitCode } = await tryTool(parts[name] ?? [], { cwd: root });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (exitCode === 0) console.log(`ok ${name} (${seconds} s)`);
  else console.log(`failed ${name} (${seconds} s)\n${plain(stdout, stderr)}\n`);
  return exitCode === 0;
}

/** On build servers some tools colour even what they write to a pipe. */
function plain(...outputs: readonly string[]): string {
  return stripVTControlCharacters(outputs.join("\n")).trim();
}

const { positionals } = parseArgs({ allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(parts);
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`error: Cannot check "${unknown}": the parts are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
const results = await Promise.all(names.map(runPart));
if (results.includes(false)) process.exit(1);
