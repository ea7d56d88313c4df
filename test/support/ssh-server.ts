/** An ssh server with a git repository, as a container on a bottle's way out, and keys made for one test. */
import { putArchive } from "../../src/engine/put-archive.ts";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { ensureBuilt } from "./built-image.ts";
import type { EgressBottle } from "./egress-bottle.ts";
import { imageForTests } from "./engine-gate.ts";

export interface KeyPair {
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment */
  readonly publicKey: string;
}

const dockerfile = `ARG BASE
FROM \${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends git openssh-server && rm -rf /var/lib/apt/lists/* \\
 && mkdir -p /run/sshd && useradd --create-home --shell /bin/bash git && su git -c "git init --quiet --bare /home/git/project.git"
`;

export async function makeKeyPair(): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-key-"));
  try {
    const run = Bun.spawn(
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, "key")],
      { stdin: "ignore" },
    );
    if ((await run.exited) !== 0) throw new Error("ssh-keygen failed");
    const publicKey = await readFile(join(folder, "key.pub"), "utf8");
    return { privateKey: await readFile(join(folder, "key"), "utf8"), publicKey: publicKey.trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Installs from Debian's packages, once for each base image. */
export async function ensureSshServerImage(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-ssh-server",
    base: await imageForTests(engine),
    dockerfile,
    programs: {},
  });
}

export interface SshServer {
  readonly name: string;
  readonly port: number;
  readonly hostKey: KeyPair;
  /** Lines of authorized_keys */
  readonly accepted: readonly string[];
}

/** Starts sshd under the server's name; it waits for its keys, which come by archive. */
export async function addSshServer(engine: Engine, bottle: EgressBottle, server: SshServer): Promise<void> {
  const wait = "until [ -f /etc/ssh/ready ]; do sleep 0.05; done";
  const serve = `exec /usr/sbin/sshd -D -e -p ${server.port} -h /etc/ssh/host -o AuthorizedKeysFile=/etc/ssh/accepted`;
  const id = await bottle.addServer(server.name, {
    Image: await ensureSshServerImage(engine),
    Cmd: ["sh", "-c", `${wait}; ${serve}`],
  });
  const files = await makeTar([
    { path: "etc/ssh/host", mode: 0o600, content: server.hostKey.privateKey },
    { path: "etc/ssh/accepted", mode: 0o644, content: `${server.accepted.join("\n")}\n` },
    { path: "etc/ssh/ready", mode: 0o644, content: "" },
  ]);
  await putArchive(engine, id, "/", files);
}
