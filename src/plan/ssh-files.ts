/** The bottle's ssh_config, known_hosts and public keys. Private keys are not among them: they stay in the sidecar's agent. */
import type { SshPlan } from "./plan.ts";

export interface SshFile {
  /** Below ~/.ssh */
  readonly name: string;
  readonly content: string;
}

export interface SshPaths {
  /** Absolute, in the bottle */
  readonly folder: string;
  readonly agentSocket: string;
  /** Host and port of the gate's proxy */
  readonly proxy: string;
}

/**
 * Renders the files. Each host gets a block for its alias and, so that `ssh://git@name:port/` URLs find the settings too, for its
 * name; where two entries share a name, the port tells them apart.
 */
export function renderSshFiles(
  entries: readonly SshPlan[],
  publicKeys: readonly (string | undefined)[],
  paths: SshPaths,
): SshFile[] {
  if (entries.length === 0) return [];
  const isAlone = (entry: SshPlan) =>
    entries.filter((other) => other.hostname === entry.hostname).length === 1;
  const blocks = entries.map((entry, index) =>
    renderBlock(entry, isAlone(entry), publicKeys[index] !== undefined, paths),
  );
  const keys = entries.flatMap((entry, index) => {
    const key = publicKeys[index];
    return key === undefined ? [] : [{ name: `${entry.host}.pub`, content: `${key}\n` }];
  });
  return [
    { name: "config", content: [...blocks, renderDefaults(paths)].join("\n") },
    { name: "known_hosts", content: entries.map(renderKnownHost).join("") },
    ...keys,
  ];
}

function renderBlock(entry: SshPlan, isAlone: boolean, hasPublicKey: boolean, paths: SshPaths): string {
  const settings = [
    `HostName ${entry.hostname}`,
    `User ${entry.user}`,
    `Port ${entry.port}`,
    // With the public key named, ssh asks the agent for this key and does not try the other hosts' keys
    ...(hasPublicKey ? [`IdentityFile ${paths.folder}/${entry.host}.pub`, "IdentitiesOnly yes"] : []),
  ];
  const lines = settings.map((setting) => `  ${setting}\n`).join("");
  if (isAlone) return `Host ${entry.host} ${entry.hostname}\n${lines}`;
  return `Host ${entry.host}\n${lines}Match originalhost ${entry.hostname} exec "test %p = ${entry.port}"\n${lines}`;
}

function renderDefaults(paths: SshPaths): string {
  const settings = [
    `IdentityAgent ${paths.agentSocket}`,
    `ProxyCommand nc -X connect -x ${paths.proxy} %h %p`,
    "StrictHostKeyChecking yes",
    `UserKnownHostsFile ${paths.folder}/known_hosts`,
    "GlobalKnownHostsFile /dev/null",
    "UpdateHostKeys no",
    "ForwardAgent no",
    "BatchMode yes",
  ];
  return `Host *\n${settings.map((setting) => `  ${setting}\n`).join("")}`;
}

/** With the port in brackets first: the form ssh looks up for any port but 22 */
function renderKnownHost(entry: SshPlan): string {
  const name = entry.port === 22 ? entry.hostname : `[${entry.hostname}]:${entry.port}`;
  return `${name} ${entry.hostKey}\n`;
}
