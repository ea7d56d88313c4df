/** An agent's image with pip, as the package preset "python" has it: from Debian's packages, built once and kept. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "./built-image.ts";

export async function ensurePip(engine: Engine, base: string): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-pip",
    base,
    dockerfile: `ARG BASE
FROM \${BASE}
USER root
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
USER 1000:1000
`,
    programs: {},
  });
}
