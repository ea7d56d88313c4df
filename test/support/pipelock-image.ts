/**
 * An image that stands in for pipelock's, which a machine without that registry cannot have: same entry point, command, port and
 * health check, as root by default and usable by any user. Run directly, it prints the variable that makes the program use it.
 */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "./built-image.ts";
import { engineForTests, imageForTests } from "./engine-gate.ts";
import { bundlePipelockStandIn } from "./pipelock/bundle.ts";

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
  return ensureBuilt(engine, {
    repository: "claude-bottle-pipelock-stand-in",
    base: await imageForTests(engine),
    dockerfile,
    programs: { pipelock: `#!/usr/local/bin/node\n${await bundlePipelockStandIn()}` },
  });
}

if (import.meta.main) {
  const engine = await engineForTests();
  if (typeof engine === "string") process.exit(1);
  console.log(`CLAUDE_BOTTLE_PIPELOCK_IMAGE=${await ensurePipelockStandIn(engine)}`);
}
