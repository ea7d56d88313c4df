/**
 * Starts an ssh server in a bottle for one connection, which is this program's own stdin and stdout: nothing listens. It runs as the agent's
 * user, with the environment that claude has, and everything of it is in memory and goes with it.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { SshServerRequest } from "../../protocol/ssh-server.ts";

const server = "/usr/sbin/sshd";
/** Always in memory, so that neither a key nor a value of the environment touches a disk */
const memory = "/dev/shm/";
const maxRequestBytes = 64 * 1024;

/** Nothing is forwarded but connections from this machine to programs of the bottle, which an editor's remote part talks through */
const rules = `PidFile none
UsePAM no
StrictModes no
UseDNS no
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
GatewayPorts no
AllowTcpForwarding local
AllowStreamLocalForwarding no
PermitOpen localhost:* 127.0.0.1:*
PermitListen none
PermitUserRC no
PrintMotd no
PrintLastLog no
LogLevel ERROR
Subsystem sftp internal-sftp
`;
/** Set by the server for each login, or of no use there */
const ownNames =
  /^(?:HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|TERM|COLORTERM|TERM_PROGRAM|MAIL|_|CLAUDE_BOTTLE_EXEC|SSH_(?:CLIENT|CONNECTION|TTY))$/;

function start({ hostKey, authorizedKey }: SshServerRequest, early: Buffer): void {
  if (!existsSync(server)) return refuse("the image has no OpenSSH server");
  const folder = mkdtempSync(`${memory}claude-bottle-ssh-`);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFileSync(`${folder}/${name}`, text, { mode: 0o600 });
  write("host", hostKey);
  write("authorized", `${authorizedKey}\n`);
  const places = `HostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\n`;
  write("config", `${places}${rules}${renderEnvironment()}`);
  const child = spawn(server, ["-i", "-e", "-f", `${folder}/config`], { stdio: ["pipe", "pipe", "inherit"] });
  child.on("error", () => process.exit(1));
  child.on("exit", (code) => process.exit(code ?? 1));
  // Whoever goes away closes these, and the server ends with them
  for (const stream of [child.stdin, child.stdout, process.stdout]) stream.on("error", () => undefined);
  process.stdout.write("ready\n");
  child.stdin.write(early);
  process.stdin.pipe(child.stdin);
  child.stdout.pipe(process.stdout);
}

/** One line for all, since the server takes the first line alone. What its reader could not take whole is left out. */
function renderEnvironment(): string {
  const pairs = Object.entries(process.env).flatMap(([name, value = ""]) =>
    // eslint-disable-next-line no-control-regex
    ownNames.test(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /[\u0000-\u001f\u007f]/.test(value)
      ? []
      : [`"${name}=${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`],
  );
  return pairs.length === 0 ? "" : `SetEnv ${pairs.join(" ")}\n`;
}

function refuse(reason: string): void {
  process.stdout.write(`${reason}\n`, () => process.exit(1));
}

let seen = Buffer.alloc(0);
process.stdin.on("data", function take(chunk: Buffer) {
  seen = Buffer.concat([seen, chunk]);
  const end = seen.indexOf(10);
  if (end < 0) return seen.length > maxRequestBytes ? process.exit(1) : undefined;
  process.stdin.off("data", take).pause();
  start(JSON.parse(seen.toString("utf8", 0, end)) as SshServerRequest, seen.subarray(end + 1));
});
