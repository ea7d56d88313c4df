/** An agent image whose claude is a shell that runs the words behind `-c`: sessions that do what a test says, without the real one. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureAgentImage } from "./agent-image.ts";
import { ensureBuilt } from "./built-image.ts";

/** On every image that `claude-bottle build` makes */
const agentLabel = "claude-bottle.image.inputs";
const dockerfile = "ARG BASE\nFROM ${BASE}\nCOPY claude /opt/scripted/claude\nENV PATH=/opt/scripted:$PATH\n";
const program =
  '#!/bin/sh\nexport CLAUDE_WORDS="$*"\nwhile [ $# -gt 0 ] && [ "$1" != -c ]; do shift; done\nexec /bin/bash "$@"\n';

/** On the product's own image; returns its name. */
export async function ensureScriptedClaude(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-scripted-claude",
    base: await ensureAgentImage(engine),
    dockerfile,
    programs: { claude: program },
    // An image of ours it is not: the label that says so is taken off
    labels: { [agentLabel]: "" },
  });
}
