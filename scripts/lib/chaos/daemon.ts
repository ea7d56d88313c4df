/**
 * An engine of the script's own, to be broken: socket, data, runtime folder and network namespace are its own, so that no other engine
 * of the machine notices. Needs root. Only processes that were started here are ended.
 */
import { mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { connectToFirst } from "../../../src/engine/connect.ts";
import type { Engine } from "../../../src/engine/engine.ts";

export interface PrivateEngine {
  readonly engine: Engine;
  readonly socket: string;
  /** Sends the signal, and starts it again so long after its end. Does not wait */
  restart(signal: "SIGTERM" | "SIGKILL", afterMs: number): void;
  /** Resolves when it answers again after the last restart */
  settled(): Promise<void>;
  /** Images of another engine, by name */
  load(from: Engine, names: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

const dataParent = "/var/lib";
const upLimitMs = 60_000;

/** Starts it; it is empty. */
export async function startPrivateEngine(): Promise<PrivateEngine> {
  const folder = await mkdtemp(join(dataParent, "claude-bottle-chaos-"));
  const running: Running = { holder: undefined, containerd: undefined, daemon: undefined };
  try {
    return await bringUp(folder, running);
  } catch (error) {
    // Nobody gets an engine that could be ended
    await takeDown(folder, running);
    throw error;
  }
}

/** The processes, as far as they were started */
interface Running {
  /** Holds the network namespace while there is no daemon in it */
  holder: Bun.Subprocess | undefined;
  containerd: Bun.Subprocess | undefined;
  daemon: Bun.Subprocess | undefined;
}

async function bringUp(folder: string, running: Running): Promise<PrivateEngine> {
  const socket = join(folder, "docker.sock");
  await writeFile(join(folder, "daemon.json"), JSON.stringify({ runtimes: findRunsc() }));
  await mkdir(join(folder, "exec"));
  const { pid } = (running.holder = Bun.spawn([
    "unshare",
    "--net",
    "sh",
    "-c",
    "ip link set lo up && exec sleep infinity",
  ]));
  await waitFor(async () => (await nsOf(pid)) !== (await nsOf(process.pid)), "a network namespace");
  running.containerd = spawnIn(pid, join(folder, "containerd.log"), makeContainerdWords(folder));
  await waitFor(() => exists(containerdSocket(folder)), "containerd");
  const startDaemon = () =>
    (running.daemon = spawnIn(pid, join(folder, "dockerd.log"), makeDaemonWords(folder, socket)));
  startDaemon();
  let work: Promise<void> = Promise.resolve();
  const engine = await awaitEngine(socket, folder);
  return {
    engine,
    socket,
    restart(signal, afterMs) {
      work = work.then(async () => {
        running.daemon?.kill(signal);
        await running.daemon?.exited;
        await setTimeout(afterMs);
        startDaemon();
        await awaitEngine(socket, folder);
      });
    },
    settled: () => work,
    async load(from, names) {
      const query = names.map((name) => `names=${encodeURIComponent(name)}`).join("&");
      const images = await from.open("GET", `/images/get?${query}`, { action: "save images" });
      if (!images.body) throw new Error("The engine gave no images");
      const raw = { contentType: "application/x-tar", data: images.body };
      // Read to its end: the engine is done then, and not before
      const answer = await engine.open("POST", "/images/load", { action: "load images", raw });
      await answer.text();
    },
    async end() {
      await work.catch(async (error: unknown) => {
        const log = await readFile(join(folder, "dockerd.log"), "utf8").catch(() => "");
        console.error(`${String(error)}\n${log.split("\n").slice(-20).join("\n")}`);
      });
      await takeDown(folder, running);
    },
  };
}

async function takeDown(folder: string, { holder, containerd, daemon }: Running): Promise<void> {
  for (const [child, signal] of [
    [daemon, "SIGTERM"],
    [containerd, "SIGTERM"],
    [holder, "SIGKILL"],
  ] as const) {
    child?.kill(signal);
    await child?.exited;
  }
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Of its own, as service managers run it: a daemon that is killed leaves the containers running. */
function makeContainerdWords(folder: string): string[] {
  const places = ["--root", join(folder, "containerd"), "--state", join(folder, "containerd-state")];
  return ["containerd", ...places, "--address", containerdSocket(folder)];
}

function containerdSocket(folder: string): string {
  return join(folder, "containerd.sock");
}

function makeDaemonWords(folder: string, socket: string): string[] {
  const words = ["--config-file", join(folder, "daemon.json"), "--host", `unix://${socket}`];
  const places = [
    ["--containerd", containerdSocket(folder)],
    ["--data-root", join(folder, "data")],
    ["--exec-root", join(folder, "exec")],
    ["--pidfile", join(folder, "dockerd.pid")],
  ].flat();
  return ["dockerd", ...words, ...places];
}

function spawnIn(holderPid: number, log: string, command: readonly string[]) {
  return Bun.spawn(["nsenter", `--net=/proc/${holderPid}/ns/net`, ...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(log),
    // A Ctrl-C is for the script, which ends it in order
    detached: true,
  });
}

/** What a killed daemon had mounted stays so if nothing took it over. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  for (const path of mounts.filter((one) => one.startsWith(`${folder}/`)).toReversed())
    await Bun.spawn(["umount", path]).exited;
}

/** gVisor's own network stack does not start under every kernel; the container's namespace is kept either way. */
function findRunsc(): Record<string, { readonly path: string; readonly runtimeArgs: readonly string[] }> {
  const path = Bun.which("runsc");
  return path === null ? {} : { runsc: { path, runtimeArgs: ["--network=host"] } };
}

async function awaitEngine(socket: string, folder: string): Promise<Engine> {
  let found: Engine | undefined;
  await waitFor(
    async () => {
      const endpoint = { kind: "unix", socketPath: socket, shown: socket, origin: "chaos" } as const;
      found = await connectToFirst([endpoint], 1_000).catch(() => undefined);
      return found !== undefined;
    },
    `an engine (see ${join(folder, "dockerd.log")})`,
  );
  return found as Engine;
}

async function waitFor(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + upLimitMs; !(await isSo()); await setTimeout(100))
    if (performance.now() > end) throw new Error(`There is no ${what} after ${upLimitMs / 1000} s`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function nsOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`).catch(() => "");
}
