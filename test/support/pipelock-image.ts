/**
 * An image that stands in for pipelock's, which a machine without that registry cannot have: same entry point, command, port and
 * health check, as root by default and usable by any user. Run directly, it prints the variable that makes the program use it.
 */
import { createHash } from "node:crypto";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/engine/tar.ts";
import { engineForTests, imageForTests } from "./engine-gate.ts";
import { bundlePipelockStandIn } from "./pipelock/bundle.ts";

const repository = "claude-bottle-pipelock-stand-in";
const contentLabel = "claude-bottle.pipelock-stand-in";

const dockerfile = `ARG BASE
FROM \${BASE}
COPY pipelock /pipelock
USER root
WORKDIR /
EXPOSE 8888
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/pipelock", "healthcheck"]
ENTRYPOINT ["/pipelock"]
CMD ["run", "--listen", "0.0.0.0:8888"]
`;

/** Builds the image unless one of the same content is there; returns its name. Asks no registry. */
export async function ensurePipelockStandIn(engine: Engine): Promise<string> {
  const base = await imageForTests(engine);
  const baseId = (await findImage(engine, base))?.id ?? "";
  const program = `#!/usr/local/bin/node\n${await bundlePipelockStandIn()}`;
  const content = createHash("sha256")
    .update(JSON.stringify([baseId, dockerfile, program]))
    .digest("hex");
  const tag = `${repository}:${content.slice(0, 16)}`;
  if ((await findImage(engine, tag))?.labels[contentLabel] === content) return tag;
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    { path: "pipelock", mode: 0o755, content: program },
  ]);
  await buildImage(
    engine,
    { tag, labels: { [contentLabel]: content }, buildArgs: { BASE: base }, context, noCache: false },
    () => undefined,
  );
  return tag;
}

if (import.meta.main) {
  const engine = await engineForTests();
  if (typeof engine === "string") process.exit(1);
  console.log(`CLAUDE_BOTTLE_PIPELOCK_IMAGE=${await ensurePipelockStandIn(engine)}`);
}
