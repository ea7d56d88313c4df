/** Plugins that are installed on this machine, as Claude Code notes them (measured with 2.1.330), read as folders for a bottle. */
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../../core/error.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { parseInstalledPlugins } from "../../protocol/installed-plugins.ts";
import type { InstalledPlugins } from "../../protocol/installed-plugins.ts";
import { findCredentialWay } from "../credential-content.ts";
import { findText } from "../files.ts";
import { readKnownTree } from "../known-tree.ts";
import { listCommands } from "./claude-settings.ts";
import { findPrograms } from "./references.ts";

const maxFiles = 2_000;
const maxBytes = 64 * 1024 * 1024;

export interface Plugin {
  /** `name@marketplace` */
  readonly name: string;
  readonly version: string | undefined;
  /** Absolute, links resolved */
  readonly directory: string;
  readonly files: readonly FileEntry[];
  readonly bytes: number;
  readonly digest: string;
  readonly leftOut: readonly string[];
  /** It starts MCP servers of its own */
  readonly hasServers: boolean;
  /** Programs of its hooks */
  readonly programs: readonly string[];
}

/** Reads what is installed. Throws for one that is not, or does not fit. */
export async function readPlugins(names: readonly string[], claudeFolder: string): Promise<Plugin[]> {
  if (names.length === 0) return [];
  const folder = join(claudeFolder, "plugins");
  const known = await readNoted(join(folder, "installed_plugins.json"));
  return Promise.all(
    names.map((name) => {
      const all = Object.hasOwn(known, name) ? (known[name] ?? []) : [];
      const one = all.find(({ scope }) => scope === "user") ?? all[0];
      if (!one) throw notInstalled(name, Object.keys(known));
      return readPlugin(name, { ...one, folder });
    }),
  );
}

async function readNoted(path: string): Promise<InstalledPlugins["plugins"]> {
  const text = await findText(path);
  if (text === undefined) return {};
  const read = parseInstalledPlugins(text);
  if (read) return read.plugins;
  throw new BottleError({
    code: "input",
    message: `Cannot read ${quote(path)}: it is not what Claude Code writes there`,
    hint: 'See what "claude plugin list" says, or remove "plugins" from "claude" in the manifest.',
  });
}

/** What the list says could be any folder: only what is in Claude's own folder of plugins is taken. */
async function readPlugin(
  name: string,
  {
    installPath,
    version,
    folder,
  }: { readonly installPath: string; readonly version?: string | undefined; readonly folder: string },
): Promise<Plugin> {
  const [directory, root] = await Promise.all([
    realpath(installPath).catch(() => undefined),
    realpath(folder),
  ]);
  if (directory === undefined || !(await stat(directory)).isDirectory())
    throw unfit(name, `its folder ${quote(installPath)} is not there`);
  if (!directory.startsWith(`${root}/`))
    throw unfit(name, `its folder ${quote(directory)} is not in ${quote(root)}`);
  const tree = await readKnownTree(directory, {
    maxFiles,
    maxBytes,
    takesLinks: true,
    unfit: (state) => unfit(name, state),
    changed: (path) => changed(name, path),
    look: (path, content) => {
      const way = findCredentialWay(path, content);
      if (way !== undefined) throw unfit(name, `${quote(path)} in it holds a credential`);
    },
  });
  const paths = new Set(tree.files.map((file) => file.path));
  const manifest = (await findText(join(directory, ".claude-plugin/plugin.json"))) ?? "";
  const hasServers = paths.has(".mcp.json") || /"mcpServers"\s*:/.test(manifest);
  const programs = await findHookPrograms(join(directory, "hooks/hooks.json"));
  return { name, version, directory, ...tree, hasServers, programs };
}

async function findHookPrograms(path: string): Promise<string[]> {
  try {
    const { hooks } = JSON.parse((await findText(path)) ?? "{}") as { readonly hooks?: unknown };
    return [...new Set(listCommands("hooks", hooks).flatMap(([, command]) => findPrograms(command)))];
  } catch {
    // Claude Code is the one to say what is wrong with it
    return [];
  }
}

function notInstalled(name: string, known: readonly string[]): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot find plugin ${quote(name)}: it is not installed on this machine`,
    details: known.length === 0 ? [] : [`Installed: ${known.map(escapeForTerminal).join(", ")}`],
    hint: 'Install it with "claude plugin install", or remove it from "claude" in the manifest.',
  });
}

function changed(name: string, path: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy plugin ${quote(name)}: ${quote(path)} changed after it was shown`,
    hint: "Start again and look at what changed.",
  });
}

function unfit(name: string, state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use plugin ${quote(name)}: ${state}`,
    hint: 'Install it again with "claude plugin install", or remove it from "claude" in the manifest.',
  });
}
