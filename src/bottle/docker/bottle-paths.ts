/** Where things are inside a bottle. The image's user is `node`, uid 1000. */
import type { SshPaths } from "../../plan/ssh-files.ts";
import { gateHostName, gateProxyPort } from "../../sidecar/gate/protocol.ts";

export const agentUid = 1000;
export const home = "/home/node";
export const workspaceFolder = `${home}/workspace`;
/** On a volume, like the workspace: what else must outlive the container */
export const keptFolder = `${home}/.claude-bottle/kept`;
/** Where claude's record of its sessions really is; `~/.claude/projects` is a link to it */
export const transcriptFolder = `${keptFolder}/projects`;
/** What went in where the workspace came without a repository; made by the entry program */
export const beforeGitFolder = `${keptFolder}/before.git`;
export const entryPath = "/usr/local/lib/claude-bottle/entry";
export const mcpPath = `${home}/.claude-bottle/mcp.json`;
export const promptPath = `${home}/.claude-bottle/prompt.md`;

/** One word that hooks of claude write: idle, working, waiting. Not there before claude has its environment */
export const activityPath = `${home}/.claude-bottle/activity`;

export const sshPaths: SshPaths = {
  folder: `${home}/.ssh`,
  agentSocket: `${home}/.ssh/agent.sock`,
  proxy: `${gateHostName}:${gateProxyPort}`,
};
