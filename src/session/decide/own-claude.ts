/** What an agent takes of the user's own Claude Code, looked at on this machine. */
import type { BottleFiles } from "../../bottle/bottle.ts";
import type { OwnClaude } from "../../core/own-claude.ts";
import { findClaudeFolder } from "../../host/claude-folder.ts";
import { readOwnClaude, withFolders } from "../../host/claude/own-claude.ts";
import type { TakenClaude } from "../../host/claude/own-claude.ts";
import { readProjectMemory } from "../../host/claude/project-memory.ts";
import type { ProjectMemory } from "../../host/claude/project-memory.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { OwnClaudePlan, PluginPlan, RememberPlan } from "../../plan/own-claude-plan.ts";

/** Undefined for an agent that takes nothing. Throws for what is not there and for a credential in it. */
export async function readAgentClaude(
  world: World,
  wanted: OwnClaude | undefined,
): Promise<TakenClaude | undefined> {
  return wanted && readOwnClaude(wanted, { folder: findClaudeFolder(world), home: world.home });
}

/** Claude's own memory of the folder that goes in; undefined for an agent that does not carry it, and without a folder. */
export async function readAgentMemory(
  world: World,
  wanted: OwnClaude | undefined,
  hasWorkspace: boolean,
): Promise<ProjectMemory | undefined> {
  return wanted?.remember && hasWorkspace ? readProjectMemory(world, world.cwd) : undefined;
}

/** As the plan has it. */
export function planOwnClaude(
  world: World,
  taken: TakenClaude | undefined,
  { remembers, memory }: { readonly remembers: boolean; readonly memory?: ProjectMemory | undefined },
): OwnClaudePlan | undefined {
  if (!taken) return undefined;
  const { parts, settings, commands, plugins, lacks, outside, needs } = taken;
  return {
    folder: findClaudeFolder(world),
    parts,
    settings,
    commands,
    plugins: plugins.map(planPlugin),
    lacks,
    outside: outside.map(([path, by]) => [shortenPath(path, { cwd: "/", home: world.home }), by]),
    needs: [
      ...needs,
      ...plugins.flatMap(({ name, programs }) =>
        programs.map((program) => ({ program, by: `plugin ${name}` })),
      ),
    ],
    ...(remembers && { remember: memory ? { memory: planMemory(memory) } : {} }),
  };
}

function planMemory({ folder, files, leftOut }: ProjectMemory): NonNullable<RememberPlan["memory"]> {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return { folder, files: files.length, bytes, leftOut };
}

function planPlugin(plugin: TakenClaude["plugins"][number]): PluginPlan {
  const { name, version, directory, files, bytes, digest, leftOut, hasServers } = plugin;
  const count = files.filter((file) => file.kind !== "directory").length;
  return { name, version, directory, files: count, bytes, digest, leftOut, hasServers };
}

/** As they are copied in. */
export function ownClaudeFiles(
  taken: TakenClaude | undefined,
  memory: ProjectMemory | undefined,
): Pick<BottleFiles, "ownClaude" | "memory"> {
  return {
    ownClaude: taken && {
      entries: taken.entries,
      plugins: taken.plugins.map(({ name, files }) => ({ name, files })),
    },
    memory: memory && withFolders(memory.files),
  };
}
