/** Writes the documents that are made from the program itself: `bun scripts/docs.ts`. A test says when one is not up to date. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import packageJson from "../package.json";
import { renderJsonSchema } from "../src/manifest/json-schema.ts";
import { renderCommandsPage } from "./lib/docs/commands-page.ts";
import { describeCommands } from "./lib/docs/describe-commands.ts";
import { renderManPage } from "./lib/docs/man-page.ts";
import { renderManifestPage } from "./lib/docs/manifest-page.ts";
import { renderScreensPage } from "./lib/docs/screens-page.ts";
import type { Schema } from "./lib/docs/manifest-page.ts";

const root = join(import.meta.dir, "..");

/** Path → text */
export async function renderDocuments(): Promise<Readonly<Record<string, string>>> {
  const [commands, schema] = await Promise.all([describeCommands(), renderJsonSchema()]);
  return {
    "docs/commands.md": renderCommandsPage(commands),
    "docs/manifest.md": renderManifestPage(JSON.parse(schema) as Schema),
    "docs/screens.md": renderScreensPage(),
    "docs/claude-bottle.1": renderManPage(commands, packageJson.version),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await renderDocuments())) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(path);
  }
}
