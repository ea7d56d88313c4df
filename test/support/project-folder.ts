/** A project whose own manifest has an agent, as a user has it in a folder. Claude in it is a shell (`ensureFakeClaude`). */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { ensureFakeClaude } from "./fake-claude.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "./run-source.ts";
import { chooseRuntime } from "./runtime-choice.ts";
import { openPty } from "./session/pty.ts";
import { aFolder, putFiles } from "./temporary.ts";

/** A home and a project with a manifest, for the time of a test. `run` stands in the project or in a folder by another name. */
export async function aProjectFolder(engine: Engine, bottle: object = {}, agent: object = {}) {
  const folder = await aFolder();
  const home = join(folder, "home");
  const project = join(folder, "project");
  await Promise.all([mkdir(home), mkdir(join(project, ".git"), { recursive: true })]);
  await chooseRuntime(engine, home, "runc");
  const env = {
    CLAUDE_BOTTLE_IMAGE: await ensureFakeClaude(engine),
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    CLAUDE_BOTTLE_EGRESS: "builtin",
  };
  const write = (changedBottle: object, changedAgent: object = {}) => {
    const manifest = { bottles: { b: changedBottle }, agents: { a: { bottle: "b", ...changedAgent } } };
    return putFiles(project, { "claude-bottle.json": JSON.stringify(manifest) });
  };
  await write(bottle, agent);
  return {
    folder,
    home,
    project,
    env,
    write,
    run: (words: readonly string[], cwd = project, more: Readonly<Record<string, string>> = {}) =>
      runSource(words, { cwd, home, env: { ...env, ...more } }),
    open: (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      openPty([...sourceCommand, ...words], {
        cwd: project,
        env: {
          ...makeSourceEnvironment({ cwd: project, home, env: { ...env, ...more } }),
          TERM: "xterm-256color",
        },
        // No line is folded, however long the path of the temporary folder
        columns: 400,
        rows: 60,
      }),
  };
}
