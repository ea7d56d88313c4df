/** OpenSSH's own agent beside the gate, holding the granted keys in memory, each bound to the one host it was granted for. */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { GateFailure } from "./failure.ts";
import type { GateSshKey } from "./protocol.ts";
import { makeSshAgentBridge } from "./ssh-agent-bridge.ts";

/** Starts the agent, loads the keys, and makes the listener that bridges to it; the caller opens it. `onLost`: the agent ended later. */
export async function makeSshAgent(
  keys: readonly GateSshKey[],
  onLost: (error: Error) => void,
): Promise<Server> {
  const folder = await mkdtemp(join(process.env["HOME"] ?? tmpdir(), "ssh-"));
  const socketPath = join(folder, "agent");
  const agent = await startAgent(socketPath);
  for (const key of keys) await loadKey(key, folder, socketPath);
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
 * talks to a server with the pinned host key (OpenSSH 8.9).
 */
async function loadKey(key: GateSshKey, folder: string, socketPath: string): Promise<void> {
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${key.hostname} ${key.hostKey}\n`);
  const complaint = await addKey(key, ["-q", "-H", knownHosts, "-h", key.hostname, "-"], socketPath);
  await rm(knownHosts);
  if (complaint !== undefined) {
    throw new GateFailure(`the key of ssh host ${JSON.stringify(key.host)} cannot be loaded: ${complaint}`);
  }
}

/** Runs ssh-add; resolves to its complaint if it fails. */
function addKey(key: GateSshKey, args: readonly string[], socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const add = spawn("ssh-add", args, {
      stdio: ["pipe", "ignore", "pipe"],
      env: { PATH: process.env["PATH"], SSH_AUTH_SOCK: socketPath, SSH_ASKPASS_REQUIRE: "never" },
    });
    const complaint = collect(add.stderr);
    add.once("error", () => resolve("ssh-add cannot be started"));
    add.once("close", (code) => resolve(code === 0 ? undefined : complaint()));
    add.stdin.on("error", () => undefined);
    add.stdin.end(key.privateKey.endsWith("\n") ? key.privateKey : `${key.privateKey}\n`);
  });
}

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
