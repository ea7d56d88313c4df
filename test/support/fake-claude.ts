/** An image whose claude is a shell that reads its input: sessions without the real one, which is large and wants an API. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "./built-image.ts";
import { imageForTests } from "./engine-gate.ts";

// Where the real one is a link to the program of its package, the link goes first
const dockerfile =
  "ARG BASE\nFROM ${BASE}\nUSER root\nRUN rm -f /usr/local/bin/claude\nCOPY claude /usr/local/bin/claude\nUSER 1000:1000\n";
const program = "#!/bin/sh\nexec sh\n";

/** On the image for tests or a given one; returns its name. */
export async function ensureFakeClaude(engine: Engine, given?: string): Promise<string> {
  const base = given ?? (await imageForTests(engine));
  return ensureBuilt(engine, {
    repository: "claude-bottle-fake-claude",
    base,
    dockerfile,
    programs: { claude: program },
  });
}
