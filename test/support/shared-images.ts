/** Builds the images that many test files start from, one after the other: run directly, before files that would build them side by side. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureRedis } from "./database-images.ts";
import { engineForTests } from "./engine-gate.ts";
import { ensureFakeClaude } from "./fake-claude.ts";
import { ensureScriptedClaude } from "./scripted-claude.ts";
import { ensureSshServerImage } from "./ssh-server.ts";

async function ensureSharedImages(engine: Engine): Promise<void> {
  await ensureFakeClaude(engine);
  await ensureScriptedClaude(engine);
  await ensureSshServerImage(engine);
  await ensureRedis(engine);
}

const engine = await engineForTests();
if (typeof engine !== "string") await ensureSharedImages(engine);
