/** An agent image whose claude is a shell that runs the words behind `-c`: sessions that do what a test says, without the real one. */
import { createHash } from "node:crypto";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/engine/tar.ts";
import { ensureAgentImage } from "./agent-image.ts";

/** On every image that `claude-bottle build` makes */
const agentLabel = "claude-bottle.image.inputs";
const contentLabel = "claude-bottle.scripted-claude";
const dockerfile = "ARG BASE\nFROM ${BASE}\nCOPY claude /opt/scripted/claude\nENV PATH=/opt/scripted:$PATH\n";
const program =
  '#!/bin/sh\nexport CLAUDE_WORDS="$*"\nwhile [ $# -gt 0 ] && [ "$1" != -c ]; do shift; done\nexec /bin/bash "$@"\n';

/** Builds it on the product's own image unless it is there; returns its name. */
export async function ensureScriptedClaude(engine: Engine): Promise<string> {
  const base = await ensureAgentImage(engine);
  const baseId = (await findImage(engine, base))?.id ?? "";
  const content = createHash("sha256")
    .update(JSON.stringify([baseId, dockerfile, program]))
    .digest("hex");
  const tag = `claude-bottle-scripted-claude:${content.slice(0, 16)}`;
  if (await findImage(engine, tag)) return tag;
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    { path: "claude", mode: 0o755, content: program },
  ]);
  // An image of ours it is not: the label that says so is taken off
  const labels = { [contentLabel]: content, [agentLabel]: "" };
  await buildImage(
    engine,
    { tag, labels, buildArgs: { BASE: base }, context, noCache: false },
    () => undefined,
  );
  return tag;
}
