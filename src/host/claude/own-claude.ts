/** What an agent takes of the user's own Claude Code: the named things and no others, with what they name, and what of that is missing. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../../core/error.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import type { OwnClaude } from "../../core/own-claude.ts";
import { quote } from "../../core/text.ts";
import { digestFiles, openClaudeFiles, takeFile } from "./claude-files.ts";
import type { ClaudeFiles, Need } from "./claude-files.ts";
import { takeSettings } from "./claude-settings.ts";
import type { TakenSettings } from "./claude-settings.ts";
import { readPlugins } from "./plugins.ts";
import type { Plugin } from "./plugins.ts";
import type { ClaudePlaces } from "./references.ts";

/** One thing that goes in, with the files that it names. */
export interface TakenPart {
  readonly kind: "memory" | "command" | "agent" | "style" | "settings";
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly digest: string;
}

export interface TakenClaude {
  readonly parts: readonly TakenPart[];
  readonly settings: TakenSettings["settings"];
  readonly commands: TakenSettings["commands"];
  readonly plugins: readonly Plugin[];
  /** Below Claude's folder in the bottle, folders before what is in them */
  readonly entries: readonly FileEntry[];
  readonly lacks: readonly string[];
  /** Files of the user's that something names outside of Claude's folder: absolute path, and what names it */
  readonly outside: readonly (readonly [path: string, by: string])[];
  readonly needs: readonly Need[];
}

/** The folder of each kind, and what it is called in errors */
const kinds = [
  ["commands", "commands", "command"],
  ["agents", "agents", "agent"],
  ["styles", "output-styles", "style"],
] as const;

/** Reads all of it. Throws for a named thing that is not there, and for a credential in what would go in. */
export async function readOwnClaude(wanted: OwnClaude, places: ClaudePlaces): Promise<TakenClaude> {
  const files = await openClaudeFiles(places);
  const parts: TakenPart[] = [];
  const add = (kind: TakenPart["kind"], name: string, paths: readonly string[]) => {
    const own = [...new Set(paths)];
    const bytes = own.reduce((sum, path) => sum + (files.entries.get(path)?.size ?? 0), 0);
    parts.push({ kind, name, files: own.length, bytes, digest: digestFiles(files, own) });
  };
  if (wanted.memory) add("memory", "CLAUDE.md", await takeMemory(files, places.folder));
  for (const [key, folder, kind] of kinds) {
    for (const name of wanted[key]) {
      const taken = await takeFile(files, `${folder}/${name}.md`);
      if (!taken) throw notThere(kind, name, join(places.folder, folder, `${name}.md`));
      add(kind, name, taken);
    }
  }
  const settings = await takeSettings(wanted, places, files);
  if (settings.files.length > 0) add("settings", "scripts", settings.files);
  const plugins = await readPlugins(wanted.plugins, places.folder);
  return {
    parts,
    settings: settings.settings,
    commands: settings.commands,
    plugins,
    entries: withFolders([...files.entries.values()]),
    lacks: [...files.lacks],
    outside: [...files.outside],
    needs: files.needs,
  };
}

/** CLAUDE.md with what it imports, and the rules that stand beside it. */
async function takeMemory(files: ClaudeFiles, folder: string): Promise<string[]> {
  const rules = await listRules(folder, "rules");
  const taken: string[] = [];
  for (const path of ["CLAUDE.md", ...rules]) taken.push(...((await takeFile(files, path)) ?? []));
  if (taken.length === 0) throw notThere("memory", "CLAUDE.md", join(folder, "CLAUDE.md"));
  return taken;
}

async function listRules(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map((entry) => {
      const inside = `${path}/${entry.name}`;
      if (entry.isDirectory()) return listRules(folder, inside);
      return entry.name.endsWith(".md") ? [inside] : [];
    }),
  );
  return found.flat().toSorted();
}

/** Folders before what is in them. */
export function withFolders(files: readonly FileEntry[]): FileEntry[] {
  const folders = new Set(
    files.flatMap(({ path }) => {
      const parts = path.split("/").slice(0, -1);
      return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    }),
  );
  return [
    ...[...folders].toSorted().map((path) => ({ path, kind: "directory" as const, mode: 0o755, size: 0 })),
    ...files,
  ];
}

function notThere(kind: string, name: string, path: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot find ${kind} ${quote(name)} of your Claude Code: there is no file ${quote(path)}`,
    hint: 'Create it there, or remove it from "claude" in the manifest.',
  });
}
