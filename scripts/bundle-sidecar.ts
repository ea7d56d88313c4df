/** Bundles the programs that run inside containers for Node, as text that the binary embeds (`src/sidecar/bundled/`). */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
/** Folder of the bundles, from the root */
export const bundledFolder = "src/sidecar/bundled";
const outDirectory = join(root, bundledFolder);

/** Entry point → file name of the bundle */
export const programs = {
  "src/sidecar/gate/main.ts": "gate.txt",
  "src/sidecar/collect/main.ts": "collect.txt",
  "src/sidecar/copy/main.ts": "copy.txt",
  "src/sidecar/request/main.ts": "request.txt",
  "src/sidecar/ssh/main.ts": "ssh.txt",
  "src/sidecar/probe/main.ts": "probe.txt",
  "src/sidecar/canary/main.ts": "canary.txt",
} as const;

/** Writes every bundle whose text changed. Throws if a program does not bundle. */
export async function bundleSidecar(): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  for (const [entry, name] of Object.entries(programs)) {
    const result = await Bun.build({
      entrypoints: [join(root, entry)],
      target: "node",
      format: "cjs",
      minify: { syntax: true, whitespace: true },
    });
    const output = result.outputs[0];
    if (!result.success || !output) throw new AggregateError(result.logs, `Cannot bundle "${entry}"`);
    await writeIfChanged(join(outDirectory, name), await output.text());
  }
}

/** Writes through a rename, because parallel test processes bundle at the same time. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  const current = await readFile(path, "utf8").catch(() => undefined);
  if (current === text) return;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
}

if (import.meta.main) await bundleSidecar();
