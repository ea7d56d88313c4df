/** OpenSSH's own agent beside the gate, holding the granted keys in memory, each bound to the one host it was granted for. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GateSshKey } from "./protocol.ts";
import { makeAgentFilter } from "./ssh-agent-filter.ts";

const maxConnections = 64;

/** Starts the agent, loads the keys by stdin, and makes the listener that bridges to it; the caller opens it. */
export async function makeSshAgent(keys: readonly GateSshKey[], home = process.env["HOME"] ?? tmpdir()): Promise<Server> {
  const folder = await mkdtemp(join(home, "agent-"));
  const socketPath = join(folder, "socket");
  await startAgent(socketPath);
  for (const key of keys) await loadKey(key, folder, socketPath);
  return makeBridge(socketPath);
}

function startAgent(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const agent = spawn("ssh-agent", ["-D", "-a", socketPath], { stdio: ["ignore", "pipe", "pipe"] });
    let complaint = "";
    agent.stderr.on("data", (chunk) => (complaint += String(chunk)));
    agent.once("error", reject);
    // It prints its shell line only after it listens
    agent.stdout.once("data", () => resolve());
    agent.once("exit", (code) => {
      reject(new Error(`ssh-agent ended with ${code}: ${complaint.trim()}`));
      // Without its agent the sidecar would look whole and sign nothing
      if (complaint === "") process.exitCode = 1;
    });
    process.once("exit", () => agent.kill());
  });
}

/**
 * The key goes in on stdin, never into a file. The constraint (`-h`) makes the agent refuse to sign unless ssh has proved that it
 * talks to a server with the pinned host key (OpenSSH 8.9).
 */
async function loadKey(key: GateSshKey, folder: string, socketPath: string): Promise<void> {
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${key.hostname} ${key.hostKey}\n`);
  await new Promise<void>((resolve, reject) => {
    const add = spawn("ssh-add", ["-q", "-H", knownHosts, "-h", key.hostname, "-"], {
      stdio: ["pipe", "ignore", "pipe"],
      env: { ...process.env, SSH_AUTH_SOCK: socketPath, SSH_ASKPASS_REQUIRE: "never" },
    });
    let complaint = "";
    add.stderr.on("data", (chunk) => (complaint += String(chunk)));
    add.once("error", reject);
    add.stdin.on("error", () => undefined);
    add.stdin.end(key.privateKey.endsWith("\n") ? key.privateKey : `${key.privateKey}\n`);
    add.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the key of ssh host ${JSON.stringify(key.host)} cannot be loaded: ${complaint.trim().slice(0, 200)}`));
    });
  });
  await rm(knownHosts);
}

function makeBridge(socketPath: string): Server {
  let open = 0;
  return createServer((client) => {
    client.on("error", () => undefined);
    if (open >= maxConnections) return void client.destroy();
    open += 1;
    const agent = connect(socketPath);
    const filter = makeAgentFilter();
    client.on("data", (chunk: Buffer) => {
      for (const action of filter(chunk)) {
        if (action.kind === "forward") agent.write(action.message);
        else if (action.kind === "answer") client.write(action.message);
        else client.destroy();
      }
    });
    agent.on("data", (chunk) => client.write(chunk));
    agent.on("error", () => client.destroy());
    agent.on("close", () => client.end());
    client.on("close", () => {
      open -= 1;
      agent.destroy();
    });
  });
}
