/**
 * A machine of its own as far as the network goes: a namespace with nothing but loopback. The engine is reached from there by a TLS front
 * or by an SSH server, both on that loopback; the engine's own networks and addresses are not.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../../../scripts/lib/run-tool.ts";
import { makeCertificates } from "../certificates.ts";

const tlsPort = "2376";
const sshPort = "2222";
const sshServer = "/usr/sbin/sshd";

export interface OtherMachine {
  /** What leads to the engine from there */
  readonly environments: Readonly<Record<"tls" | "ssh", Readonly<Record<string, string>>>>;
  /** In front of a command that is to run there */
  readonly prefix: readonly string[];
  end(): Promise<void>;
}

/** Why there can be none here; undefined if there can. */
export function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "a network namespace takes root";
  return listMissing(["unshare", "nsenter", "ip"]);
}

/** Why it has no SSH server; undefined if it has. `scripts/test` installs one without starting it on this machine's own addresses. */
export function findSshObstacle(): string | undefined {
  return listMissing(["ssh", "ssh-keygen", sshServer]);
}

function listMissing(programs: readonly string[]): string | undefined {
  const missing = programs.filter((name) => !Bun.which(name));
  return missing.length === 0 ? undefined : `missing here: ${missing.join(", ")}`;
}

export async function beginOtherMachine(engineSocket: string): Promise<OtherMachine> {
  const folder = await mkdtemp(join(tmpdir(), "other-machine-"));
  const processes: Bun.Subprocess[] = [];
  const start = (command: readonly string[], ready: string) =>
    startAndWait(command, ready).then((child) => void processes.push(child));
  const end = async () => {
    // The namespace goes with the last process in it
    for (const child of processes.toReversed()) child.kill("SIGKILL");
    await Promise.all(processes.map((child) => child.exited));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const hold = "ip link set lo up && echo up && exec sleep 3600";
    await start(["unshare", "--net", "--", "sh", "-c", hold], "up");
    const prefix = ["nsenter", `--net=/proc/${processes[0]?.pid ?? 0}/ns/net`, "--"];
    const [tls, ssh] = await Promise.all([
      startTlsFront(folder, engineSocket, (command) => start([...prefix, ...command], "listening")),
      findSshObstacle() === undefined
        ? startSshServer(folder, engineSocket, (command) =>
            start([...prefix, ...command], "Server listening"),
          )
        : {},
    ]);
    return { environments: { tls, ssh }, prefix, end };
  } catch (error) {
    await end();
    throw error;
  }
}

type Start = (command: readonly string[]) => Promise<void>;

async function startTlsFront(folder: string, socket: string, start: Start): Promise<Record<string, string>> {
  const certificates = await makeCertificates(join(folder, "certificates"));
  const client = join(folder, "client");
  await mkdir(client);
  await Promise.all(
    (["ca", "cert", "key"] as const).map((name) =>
      writeFile(join(client, `${name}.pem`), certificates.client[name] ?? ""),
    ),
  );
  await start([
    process.execPath,
    join(import.meta.dir, "tls-front.ts"),
    join(folder, "certificates"),
    socket,
    tlsPort,
  ]);
  return { DOCKER_HOST: `tcp://127.0.0.1:${tlsPort}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: client };
}

/** With settings of its own on both sides: ssh reads those of the account and not of $HOME, so a wrapper names the file. */
async function startSshServer(folder: string, socket: string, start: Start): Promise<Record<string, string>> {
  const path = (name: string) => join(folder, name);
  for (const name of ["host-key", "user-key"])
    await runTool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path(name)], { cwd: folder });
  const hostKey = (await readFile(path("host-key.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  const programs = path("programs");
  await Promise.all([mkdir(programs), mkdir("/run/sshd", { recursive: true })]);
  await Promise.all([
    writeFile(
      path("sshd_config"),
      [
        `Port ${sshPort}`,
        "ListenAddress 127.0.0.1",
        `HostKey ${path("host-key")}`,
        `AuthorizedKeysFile ${path("user-key.pub")}`,
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "PermitRootLogin yes",
        "PidFile none",
      ].join("\n"),
    ),
    writeFile(path("known_hosts"), `[127.0.0.1]:${sshPort} ${hostKey}\n`),
    writeFile(
      path("ssh_config"),
      `IdentityFile ${path("user-key")}\nUserKnownHostsFile ${path("known_hosts")}\nIdentitiesOnly yes\n`,
    ),
    writeFile(
      join(programs, "ssh"),
      `#!/bin/sh\nexec ${Bun.which("ssh") ?? "ssh"} -F ${path("ssh_config")} "$@"\n`,
    ),
  ]);
  await chmod(join(programs, "ssh"), 0o755);
  await start([sshServer, "-D", "-e", "-f", path("sshd_config")]);
  const temporary = path("tmp");
  await mkdir(temporary);
  return {
    TMPDIR: temporary,
    DOCKER_HOST: `ssh://root@127.0.0.1:${sshPort}${socket}`,
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
  };
}

/** Resolves when the text has come on either output. */
async function startAndWait(command: readonly string[], ready: string): Promise<Bun.Subprocess> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const seen: string[] = [];
  const follow = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      seen.push(Buffer.from(chunk).toString());
      if (seen.join("").includes(ready)) return true;
    }
    return new Promise<never>(() => undefined);
  };
  const ended = child.exited.then(() => false);
  if (await Promise.race([follow(child.stdout), follow(child.stderr), ended])) return child;
  throw new Error(`${command.join(" ")} ended: ${seen.join("")}`);
}
