/** An image whose claude is a shell that reads its input: sessions without the real one, which is large and wants an API. */
import { createHash } from "node:crypto";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/engine/tar.ts";
import { imageForTests } from "./engine-gate.ts";

const contentLabel = "claude-bottle.fake-claude";
// Where the real one is a link to the program of its package, the link goes first
const dockerfile =
  "ARG BASE\nFROM ${BASE}\nUSER root\nRUN rm -f /usr/local/bin/claude\nCOPY claude /usr/local/bin/claude\nUSER 1000:1000\n";
const program = "#!/bin/sh\nexec sh\n";

/** Builds it unless it is there, on the image for tests or a given one; returns its name. */
export async function ensureFakeClaude(engine: Engine, given?: string): Promise<string> {
  const base = given ?? (await imageForTests(engine));
  const baseId = (await findImage(engine, base))?.id ?? "";
  const content = createHash("sha256")
    .update(JSON.stringify([baseId, dockerfile, program]))
    .digest("hex");
  const tag = `claude-bottle-fake-claude:${content.slice(0, 16)}`;
  if (await findImage(engine, tag)) return tag;
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    { path: "claude", mode: 0o755, content: program },
  ]);
  const request = {
    tag,
    labels: { [contentLabel]: content },
    buildArgs: { BASE: base },
    context,
    noCache: false,
  };
  await buildImage(engine, request, () => undefined);
  return tag;
}
