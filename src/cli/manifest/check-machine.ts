/** What a manifest names on this machine, looked for as a start would: skills, files, keys, and parts of Claude Code. */
import { BottleError } from "../../core/error.ts";
import { findClaudeFolder } from "../../host/claude-folder.ts";
import { readSkill } from "../../host/skills.ts";
import { readSshKey } from "../../host/ssh-keys.ts";
import { expandPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { Manifest, SourceRef } from "../../manifest/manifest.ts";
import type { Unworkable } from "../../plan/unworkable.ts";
import { readBottleFiles } from "../../session/decide/named-files.ts";
import { readAgentClaude } from "../../session/decide/own-claude.ts";

/** In the order of the manifest. */
export async function findMissingFiles(world: World, { agents, bottles }: Manifest): Promise<Unworkable[]> {
  const skills = [...agents.values()].flatMap((agent) =>
    agent.skills.map((name) =>
      attempt(agent.source, () => readSkill(name, `${findClaudeFolder(world)}/skills`)),
    ),
  );
  const keys = [...bottles.values()].flatMap((bottle) =>
    bottle.ssh.map((entry) =>
      attempt(entry.source, () => readSshKey(expandPath(entry.identityFile, world.home, "/"), entry.host)),
    ),
  );
  const files = [...bottles.values()].flatMap((bottle) =>
    (bottle.files ?? []).map((entry) => attempt(entry.source, () => readBottleFiles(world, [entry]))),
  );
  const own = [...agents.values()].map((agent) =>
    attempt(agent.source, () => readAgentClaude(world, agent.ownClaude)),
  );
  return (await Promise.all([...skills, ...own, ...keys, ...files])).flat();
}

async function attempt(source: SourceRef, look: () => Promise<unknown>): Promise<Unworkable[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    return [{ source, problem: error.message }];
  }
}
