/**
 * The filter that tests run against: the real one where the engine has it or a variable names it, and elsewhere an image that stands in
 * for it, with the same entry point, command, port and health check. Run directly, it prints the variable that makes the program use it.
 */
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { filterReleases } from "../../src/plan/filter-releases.ts";
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

const standInRepository = "claude-bottle-pipelock-stand-in";

/** What `CLAUDE_BOTTLE_PIPELOCK_IMAGE` names, the pinned release if the engine has it, or else the stand-in. Asks no registry. */
export async function filterForTests(engine: Engine): Promise<string> {
  const named = process.env["CLAUDE_BOTTLE_PIPELOCK_IMAGE"];
  if (named) return named;
  if (await findImage(engine, filterReleases[0].image)) return filterReleases[0].image;
  return ensurePipelockStandIn(engine);
}

/** For the end of a run: what its results say something about. */
export function describeFilter(image: string): string {
  return image.startsWith(`${standInRepository}:`)
    ? "the stand-in for pipelock, which answers as test/contract/pipelock has it"
    : `the real pipelock, ${image}`;
}

/** Builds the stand-in's image unless one of the same content is there; returns its name. Asks no registry. */
export async function ensurePipelockStandIn(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: standInRepository,
    base: await imageForTests(engine),
    dockerfile,
    programs: { pipelock: `#!/usr/local/bin/node\n${await bundlePipelockStandIn()}` },
  });
}

if (import.meta.main) {
  const engine = await engineForTests();
  if (typeof engine === "string") process.exit(1);
  console.log(`CLAUDE_BOTTLE_PIPELOCK_IMAGE=${await filterForTests(engine)}`);
}
