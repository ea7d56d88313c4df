/** Where things are inside a bottle. */
import { bottleHome, bottleProject } from "../../core/bottle-home.ts";
import type { SshPaths } from "../../plan/ssh-files.ts";
import { gateHostName, gateProxyPort } from "../../protocol/gate.ts";

export const home = bottleHome;
export const workspaceFolder = `${home}/workspace`;
/** On a volume, like the workspace: what else must outlive the container */
export const keptFolder = `${home}/.claude-bottle/kept`;
/** Where claude's record of its sessions really is; `~/.claude/projects` is a link to it */
export const transcriptFolder = `${keptFolder}/projects`;
/** Claude names what it keeps of a project after the project's path */
export const projectFolder = `${transcriptFolder}/${bottleProject}`;
/** Claude's own memory of the workspace */
export const memoryFolder = `${projectFolder}/memory`;
/** What went in where the workspace came without a repository; made by the entry program */
export const beforeGitFolder = `${keptFolder}/before.git`;
/** What went in of each repository, by its place in the list of them */
export const wentInFolder = `${keptFolder}/went-in`;
/** Made by the entry program before the agent runs: what changed later is the agent's */
export const beganPath = `${keptFolder}/began`;
/** Commits of what was not committed in worktrees outside of the workspace, by the worktree's name */
export const savedFolder = `${keptFolder}/worktrees`;
/** What the entry program is to find closed; it reads and removes the file before anything of the agent's runs */
export const closedCheckPath = `${home}/.claude-bottle/closed`;
export const entryPath = "/usr/local/lib/claude-bottle/entry";
/** Keeps what is not committed in worktrees outside of the workspace; see the program */
export const saveWorktreesPath = "/usr/local/lib/claude-bottle/save-worktrees";
/** Asks the user for a host; on the PATH of every image */
export const requestPath = "/usr/local/bin/bottle-request";
/** Plugins of the user's, a folder each */
export const pluginsFolder = `${home}/.claude-bottle/plugins`;
export const mcpPath = `${home}/.claude-bottle/mcp.json`;
export const promptPath = `${home}/.claude-bottle/prompt.md`;

/** One word that hooks of claude write: idle, working, waiting. Not there before claude has its environment */
export const activityPath = `${home}/.claude-bottle/activity`;

export const sshPaths: SshPaths = {
  folder: `${home}/.ssh`,
  agentSocket: `${home}/.ssh/agent.sock`,
  proxy: `${gateHostName}:${gateProxyPort}`,
};
