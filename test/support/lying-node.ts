/** The scripted agent's image with something in node's place: once there is a file, that is its answer to whatever it is asked. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "./built-image.ts";
import { ensureScriptedClaude } from "./scripted-claude.ts";

const dockerfile = "ARG BASE\nFROM ${BASE}\nCOPY node /opt/lying/node\nENV PATH=/opt/lying:$PATH\n";
const program = '#!/bin/sh\n[ -e /tmp/lie.tar ] && exec cat /tmp/lie.tar\nexec /usr/local/bin/node "$@"\n';

/** Returns its name. The file is `/tmp/lie.tar`. */
export async function ensureLyingNode(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-lying-node",
    base: await ensureScriptedClaude(engine),
    dockerfile,
    programs: { node: program },
  });
}
