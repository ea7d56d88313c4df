/** What is there of a session: on the engine, among the machine's processes, and in its home folder. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { listContainers } from "../../../src/engine/containers.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { listNetworks } from "../../../src/engine/networks.ts";
import { openEvents } from "../../../src/engine/system.ts";
import { listVolumes } from "../../../src/engine/volumes.ts";

const roleLabel = "claude-bottle.role";

export interface Scene {
  readonly engine: Engine;
  /** `key=value` that everything of this session carries, and nothing else */
  readonly label: string;
  /** Home folder that only this session has */
  readonly home: string;
  /** Of the terminal's shell, whose environment names the same home */
  readonly shellPid: number;
  /** Containers that were ever there */
  readonly containers: ReadonlySet<string>;
}

/** Containers by what they are for: a bottle's own, and those that bring its work back or try a runtime. */
export async function countContainers({ engine, label }: Scene): Promise<{ bottle: number; others: number }> {
  const all = await listContainers(engine, [label]);
  const bottle = all.filter((one) =>
    ["agent", "gate", "pipelock"].includes(one.Labels[roleLabel] ?? ""),
  ).length;
  return { bottle, others: all.length - bottle };
}

/** One line for each thing that is there. */
export async function findRemains(scene: Scene): Promise<string[]> {
  const { engine, label } = scene;
  const [containers, networks, volumes, processes, state] = await Promise.all([
    listContainers(engine, [label]),
    listNetworks(engine, [label]),
    listVolumes(engine, [label]),
    findProcesses(scene),
    findState(scene.home),
  ]);
  return [
    ...containers.map((one) => `container ${one.Names[0] ?? one.Id}`),
    ...networks.map((one) => `network ${one.name}`),
    ...volumes.map((one) => `volume ${one.name}`),
    ...processes.map((line) => `process ${line}`),
    ...state.map((path) => `file ${path}`),
  ];
}

/** Follows which containers come to be, until the signal. An engine that restarts ends it. */
export async function noteContainers(
  engine: Engine,
  label: string,
  into: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const events = await openEvents(engine, { label: [label], event: ["create"] }, signal);
  void (async () => {
    for await (const { Actor } of events) into.add((Actor as { ID?: string }).ID ?? "");
  })().catch(() => undefined);
}

/** Processes with that home folder (launcher, reaper, supervisor, git), and those of a container: shim, sandbox, gofer. */
async function findProcesses({ home, shellPid, containers }: Scene): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (Number(pid) === shellPid) return [];
      const [words, environment] = await Promise.all(
        ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "")),
      );
      const isOurs = environment?.split("\0").includes(`HOME=${home}`);
      const isContainers = [...containers].some((id) => id !== "" && words?.includes(id));
      const line = words?.replaceAll("\0", " ").slice(0, 160).replaceAll(/\s+/g, " ");
      return isOurs || isContainers ? [`${pid} ${line}`] : [];
    }),
  );
  return found.flat();
}

/** Journal entries, locks, drafts, and what was on its way into or out of a bottle when somebody died. */
async function findState(home: string): Promise<string[]> {
  const folder = join(home, ".local/state/claude-bottle");
  const all = await readdir(folder, { recursive: true }).catch(() => []);
  return all.filter((path) => /^(?:journal|scratch)\/./.test(path) || /incoming-|\.draft$/.test(path));
}
