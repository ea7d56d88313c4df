/**
 * OpenSSH's own agent beside the gate, holding the granted keys in memory, each bound to the server and the user it was granted for.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { GateFailure } from "./failure.ts";
import type { GateSshKey } from "../../protocol/gate.ts";
import { makeSshAgentBridge } from "./ssh-agent-bridge.ts";

/** Starts the agent, loads the keys, and makes the listener that bridges to it; the caller opens it. `onLost`: the agent ended later. */
export async function makeSshAgent(
  keys: readonly GateSshKey[],
  onLost: (error: Error) => void,
): Promise<Server> {
  const folder = await mkdtemp(join(process.env["HOME"] ?? tmpdir(), "ssh-"));
  const socketPath = join(folder, "agent");
  const agent = await startAgent(socketPath);
  // One key for several hosts is loaded once: to load it again would take the first host's constraint away
  for (const same of Map.groupBy(keys, (key) => key.privateKey).values())
    await loadKey(same, folder, socketPath);
  agent.once("exit", () => onLost(new GateFailure("the ssh-agent ended")));
  return makeSshAgentBridge(socketPath);
}

type AgentProcess = ChildProcessByStdio<null, Readable, Readable>;

function startAgent(socketPath: string): Promise<AgentProcess> {
  return new Promise((resolve, reject) => {
    const agent = spawn("ssh-agent", ["-D", "-a", socketPath], { stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", () => agent.kill("SIGKILL"));
    const complaint = collect(agent.stderr);
    agent.once("error", () =>
      reject(new GateFailure("ssh-agent cannot be started: is openssh-client in the image?")),
    );
    agent.once("close", () => reject(new GateFailure(`ssh-agent ended at once: ${complaint()}`)));
    // It prints its shell lines only after it listens
    agent.stdout.once("data", () => resolve(agent));
    agent.stdout.resume();
  });
}

/**
 * The key goes in on stdin, never into a file. The constraint (`-h`) makes the agent refuse to sign unless ssh has proved that it
 * talks to a server with the pinned host key and logs in there as the entry's user (OpenSSH 8.9). An agent tells servers apart by
 * their keys alone, so each entry is a name of its own: by hostname, two servers of one name would each do for the other's user.
 */
async function loadKey(keys: readonly GateSshKey[], folder: string, socketPath: string): Promise<void> {
  const knownHosts = join(folder, "known_hosts");
  const entries = keys.map(({ user, hostKey }, index) => ({ name: `entry-${index}`, user, hostKey }));
  await writeFile(knownHosts, entries.map(({ name, hostKey }) => `${name} ${hostKey}\n`).join(""));
  const constraints = entries.flatMap(({ name, user }) => ["-h", `${user}@${name}`]);
  const args = ["-q", "-H", knownHosts, ...constraints, "-"];
  const [key] = keys;
  const complaint = key && (await addKey(key, args, folder, socketPath));
  // A key that needed none leaves its passphrase unread
  for (const path of [knownHosts, join(folder, passphraseName)]) await rm(path, { force: true });
  if (complaint !== undefined) {
    const names = keys.map((one) => JSON.stringify(one.host)).join(" and ");
    throw new GateFailure(`the key of ssh host ${names} cannot be loaded: ${complaint}`);
  }
}

/** Runs ssh-add; resolves to its complaint if it fails. */
async function addKey(
  { privateKey, passphrase }: GateSshKey,
  args: readonly string[],
  folder: string,
  socketPath: string,
): Promise<string | undefined> {
  const asking =
    passphrase === undefined ? { SSH_ASKPASS_REQUIRE: "never" } : await makeAskpass(passphrase, folder);
  return new Promise((resolve) => {
    const add = spawn("ssh-add", args, {
      stdio: ["pipe", "ignore", "pipe"],
      env: { PATH: process.env["PATH"], SSH_AUTH_SOCK: socketPath, ...asking },
    });
    const complaint = collect(add.stderr);
    add.once("error", () => resolve("ssh-add cannot be started"));
    add.once("close", (code) => resolve(code === 0 ? undefined : complaint() || "the passphrase is wrong"));
    add.stdin.on("error", () => undefined);
    add.stdin.end(privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`);
  });
}

/**
 * ssh-add takes a passphrase from nothing but a terminal or a program, and from our folder, which is in memory, no program can be
 * started. So Node is the program, with a module of ours in front: it tells the passphrase once and takes its file away; asked again,
 * it has none, which ends ssh-add.
 */
async function makeAskpass(passphrase: string, folder: string): Promise<Record<string, string>> {
  const module = join(folder, "askpass.cjs");
  await writeFile(join(folder, passphraseName), passphrase, { mode: 0o600 });
  await writeFile(module, askpass, { mode: 0o600 });
  return {
    SSH_ASKPASS: process.execPath,
    SSH_ASKPASS_REQUIRE: "force",
    NODE_OPTIONS: `--require=${module}`,
  };
}

const passphraseName = "passphrase";

const askpass = `const { readFileSync, unlinkSync, writeSync } = require("fs");
const path = __dirname + "/${passphraseName}";
let text = "";
try { text = readFileSync(path, "utf8"); unlinkSync(path); } catch {}
writeSync(1, text + "\\n");
process.exit(0);
`;

/** Gathers what a program complains of, as one short printable line. */
function collect(stream: Readable): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    if (text.length < 1_000) text += chunk.toString("latin1");
  });
  return () =>
    text
      .replaceAll(/[^\x20-\x7e]+/g, " ")
      .trim()
      .slice(0, 200);
}
