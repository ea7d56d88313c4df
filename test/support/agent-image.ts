/** The product's own image on the base image for tests, with the real Claude Code and its tools; built once and kept. */
import { claudeVersion } from "../../src/plan/claude-version.ts";
import { ensureImage } from "../../src/bottle/image/image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { imagesOn } from "./docker-platform.ts";
import { imageForTests } from "./engine-gate.ts";

export async function ensureAgentImage(engine: Engine): Promise<string> {
  const nothing = () => undefined;
  return ensureImage(
    imagesOn(engine),
    { dockerfile: undefined },
    {
      image: undefined,
      baseImage: await imageForTests(engine),
      // Another release, where somebody wants to know how it does
      claudeVersion: process.env["CLAUDE_BOTTLE_CLAUDE_VERSION"] || claudeVersion,
      certificatesPath: undefined,
      readFile: () => Promise.reject(new Error("no Dockerfile")),
      readContext: () => Promise.reject(new Error("no build context")),
    },
    {
      force: false,
      progress: { step: nothing, detail: nothing, done: nothing },
      signal: new AbortController().signal,
    },
  );
}
