/** `claude-bottle ssh-config`: the block for `~/.ssh/config` that makes running bottles reachable as NAME.bottle. */
import { defineCommand } from "citty";
import { quoteForShell } from "../../core/shell-quote.ts";
import { join } from "node:path";
import { sshFolder } from "../../host/ssh-session-keys.ts";
import { stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle ssh-config >>~/.ssh/config   # once",
  "ssh hello-k3f9q2.bottle                    # also scp, rsync, and editors over ssh",
] as const;

export const command = defineCommand({
  meta: { name: "ssh-config" },
  args: {},
  run({ data }) {
    const { app } = data as CommandData;
    const folder = join(stateFolder(app.world), sshFolder);
    app.world.stdout.write(renderBlock(app.selfCommand, folder));
  },
});

/** `%h` is what was typed; the keys there are made by the command that carries the connection, before ssh asks for them. */
export function renderBlock(selfCommand: readonly string[], folder: string): string {
  const program = selfCommand.map((word) => quoteForShell(word).replaceAll("%", "%%")).join(" ");
  const place = (name: string) => `"${folder.replaceAll("%", "%%")}/%h/${name}"`;
  return `# Bottles of claude-bottle that run, by their names. "claude-bottle ssh-config" printed this
Host *.bottle
  User node
  ProxyCommand ${program} ssh-stream %h
  UserKnownHostsFile ${place("known_hosts")}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  IdentityFile ${place("key")}
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  ForwardAgent no
  ForwardX11 no
`;
}
