/** Where things are inside a bottle. The image's user is `node`, uid 1000. */
import type { SshPaths } from "../../plan/ssh-files.ts";
import { gateHostName, gateProxyPort } from "../../sidecar/gate/protocol.ts";

export const agentUid = 1000;
export const home = "/home/node";
export const workspaceFolder = `${home}/workspace`;
export const entryPath = "/usr/local/lib/claude-bottle/entry";
export const promptPath = `${home}/.claude-bottle/prompt.md`;

export const sshPaths: SshPaths = {
  folder: `${home}/.ssh`,
  agentSocket: `${home}/.ssh/agent.sock`,
  proxy: `${gateHostName}:${gateProxyPort}`,
};
