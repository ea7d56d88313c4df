/** The files that an agent finds in its bottle, as one archive: settings, prompt, skills, ssh, workspace. None is secret. */
import type { FileEntry } from "../../core/file-entry.ts";
import type { TarEntry } from "../../archive/small-tar.ts";
import { streamTar } from "../../archive/tar-stream.ts";
import type { TarGroup } from "../../archive/tar-stream.ts";
import { makeSystemPrompt } from "../../plan/system-prompt.ts";
import type { BottlePlan, SetupPlan } from "../../plan/plan.ts";
import { gateAskPort, gateHostName } from "../../protocol/gate.ts";
import { makeClaudeSettings } from "../../plan/claude-settings.ts";
import { renderSshFiles } from "../../plan/ssh-files.ts";
import { entryProgram, requestProgram, saveWorktreesProgram } from "../../sidecar/programs.ts";
import type { Canary } from "./make-canaries.ts";
import type { BottleFiles } from "../bottle.ts";
import { listTreeFolders } from "./tree-folders.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import {
  activityPath,
  closedCheckPath,
  entryPath,
  home,
  keptFolder,
  mcpPath,
  memoryFolder,
  pluginsFolder,
  projectFolder,
  promptPath,
  requestPath,
  saveWorktreesPath,
  sshPaths,
  transcriptFolder,
  wentInFolder,
  workspaceFolder,
} from "./bottle-paths.ts";

/**
 * With these two files claude shows no dialog at its first start (measured with 2.1.330): no onboarding, which would contact two
 * hosts, no trust question, no warning about skipped permissions, since the bottle is what limits it.
 */
const claudeState = {
  hasCompletedOnboarding: true,
  projects: { [workspaceFolder]: { hasTrustDialogAccepted: true } },
};

/** Claude writes its record where it always does, and it is on the volume */
const transcriptLink: TarEntry = {
  path: `${home}/.claude/projects`.slice(1),
  kind: "symlink",
  mode: 0o777,
  linkTarget: transcriptFolder,
};

/**
 * Before its WebFetch tool reads a page, claude asks the API about the page's host, and not by the base URL: without the API on the
 * allowlist the tool fails (measured with 2.1.330). What may be reached is the allowlist's to say.
 */
function renderSettings({ auth, agent, hasTerminal, ownClaude }: BottlePlan): string {
  const own = {
    ...(auth === "gate" ? { skipWebFetchPreflight: true } : {}),
    // What is written above claude's own screen is not seen
    ...(hasTerminal ? { companyAnnouncements: ["Ctrl-] d detaches; Claude keeps running."] } : {}),
    ...agent.claude?.settings,
  };
  return JSON.stringify(makeClaudeSettings(own, activityPath, ownClaude?.settings));
}

/** The tool that asks the user for a host; a server of that name in the manifest takes its place */
const ownServers = { bottle: { type: "http", url: `http://${gateHostName}:${gateAskPort}/mcp` } };

export interface AgentArchive {
  readonly plan: BottlePlan;
  readonly files: BottleFiles;
  /** Whose all of it is */
  readonly user: AgentUser;
  /** The list of users, where the image's does not fit */
  readonly passwd: string | undefined;
  /** As `renderClosedCheck` makes it; undefined if nothing is to be tried */
  readonly closedCheck: string | undefined;
  /** Made-up credentials */
  readonly canaries?: readonly Canary[];
  readonly onProgress?: (bytes: number) => void;
}

/** The archive for `/`, streamed: the workspace is read file by file as the engine takes it. */
export function makeAgentArchive(request: AgentArchive): ReadableStream<Uint8Array> {
  const { plan, files, user, passwd, closedCheck, canaries = [] } = request;
  const mcp = plan.agent.claude?.mcp;
  const folder = (path: string, mode: number): TarEntry => ({
    path: path.slice(1),
    kind: "directory",
    mode,
    ...user,
  });
  const file = (path: string, mode: number, content: string | Uint8Array): TarEntry => ({
    path: path.slice(1),
    mode,
    content,
    ...user,
  });
  const first: TarEntry[] = [
    { path: entryPath.slice(1), mode: 0o755, content: entryProgram },
    { path: requestPath.slice(1), mode: 0o755, content: requestProgram },
    { path: saveWorktreesPath.slice(1), mode: 0o755, content: saveWorktreesProgram },
    ...(passwd === undefined ? [] : [{ path: "etc/passwd", mode: 0o644, content: passwd }]),
    folder(home, 0o755),
    folder(`${home}/.claude`, 0o755),
    folder(`${home}/.claude/skills`, 0o755),
    folder(`${home}/.claude-bottle`, 0o700),
    folder(keptFolder, 0o700),
    folder(transcriptFolder, 0o700),
    folder(wentInFolder, 0o700),
    ...(files.memory ? [folder(projectFolder, 0o700), folder(memoryFolder, 0o700)] : []),
    { ...transcriptLink, ...user },
    folder(workspaceFolder, 0o755),
    file(`${home}/.claude.json`, 0o600, JSON.stringify(claudeState)),
    file(`${home}/.claude/settings.json`, 0o600, renderSettings(plan)),
    ...(closedCheck === undefined ? [] : [file(closedCheckPath, 0o600, closedCheck)]),
    file(mcpPath, 0o600, JSON.stringify({ mcpServers: { ...ownServers, ...mcp } })),
    file(promptPath, 0o600, makeSystemPrompt(plan)),
    folder(sshPaths.folder, 0o700),
    ...renderSshFiles(plan.ssh, files.sshPublicKeys, sshPaths).map((one) =>
      file(`${sshPaths.folder}/${one.name}`, 0o600, one.content),
    ),
    ...listParents(canaries).map((path) => folder(`${home}/${path}`, 0o700)),
    ...canaries.map(({ place, content }) => file(`${home}/${place}`, 0o600, content)),
    ...((files.ownClaude?.plugins ?? []).length === 0 ? [] : [folder(pluginsFolder, 0o755)]),
    ...(files.ownClaude?.plugins ?? []).map(({ name }) => folder(`${pluginsFolder}/${name}`, 0o755)),
    ...files.skills.map((skill) => folder(`${home}/.claude/skills/${skill.name}`, 0o755)),
    ...(files.userLists ? listEntries(files.userLists, folder, file) : []),
  ];
  return streamTar(first, groupsOf(files, user, plan), request.onProgress);
}

/** Folders above them, each once, the outer ones first. */
function listParents(canaries: readonly Canary[]): string[] {
  const parents = canaries.flatMap(({ place }) => {
    const parts = place.split("/").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  });
  return [...new Set(parents)].filter((path) => path !== ".ssh");
}

/** What is read from the host's disk while it is sent, in order. */
function groupsOf(
  { skills, ownClaude, memory, dotfiles, transcript, workspace, wentIn }: BottleFiles,
  user: AgentUser,
  { setup }: BottlePlan,
): TarGroup[] {
  const group = (folder: string, files: TarGroup["files"] | undefined): TarGroup[] =>
    files === undefined ? [] : [{ prefix: folder.slice(1), files, ...user }];
  return [
    ...skills.flatMap((skill) => group(`${home}/.claude/skills/${skill.name}`, skill.files)),
    ...group(`${home}/.claude`, ownClaude?.entries),
    ...(ownClaude?.plugins ?? []).flatMap(({ name, files }) => group(`${pluginsFolder}/${name}`, files)),
    ...group(home, withoutDoubles(dotfiles)),
    ...group(transcriptFolder, transcript),
    ...group(memoryFolder, memory),
    ...group(workspaceFolder, workspace),
    // Behind the workspace, since it tells what went in
    ...group(wentInFolder, wentIn),
    // Where the engine has mounted something, which it makes folders for that are not the agent's
    ...(setup ? group(home, listMountFolders(setup)) : []),
  ];
}

/** Folders of a setup, and those around them that are below the home folder. */
function* listMountFolders(setup: SetupPlan): Generator<FileEntry> {
  const below = (folder: string) => folder.slice(home.length + 1);
  const known = new Set([below(workspaceFolder)]);
  for (const folder of listTreeFolders(setup)) {
    const parts = below(folder).split("/");
    for (const index of parts.keys()) {
      const path = parts.slice(0, index + 1).join("/");
      if (known.has(path)) continue;
      known.add(path);
      yield { path, kind: "directory", mode: 0o755, size: 0 };
    }
  }
}

/** A folder above several of them is made once. */
function withoutDoubles(files: BottleFiles["dotfiles"]): TarGroup["files"] | undefined {
  return files && [...new Map(files.map((file) => [file.path, file])).values()];
}

type MakeEntry<T extends unknown[]> = (path: string, mode: number, ...content: T) => TarEntry;

/** Where git looks for them without being told, in every repository of the bottle */
function listEntries(
  { ignore, attributes, config }: NonNullable<BottleFiles["userLists"]>,
  folder: MakeEntry<[]>,
  file: MakeEntry<[string | Uint8Array]>,
): TarEntry[] {
  const lists = { ignore, attributes, config };
  return [
    folder(`${home}/.config`, 0o755),
    folder(`${home}/.config/git`, 0o755),
    ...Object.entries(lists).flatMap(([name, text]) =>
      text === "" ? [] : [file(`${home}/.config/git/${name}`, 0o644, Buffer.from(text, "latin1"))],
    ),
  ];
}
