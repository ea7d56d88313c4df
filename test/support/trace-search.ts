/** Where a secret could have been left: files of the engine and ours, what the engine tells, and what other processes can read. */
import { createReadStream } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { inspectContainer, listContainers, readLogs } from "../../src/engine/containers.ts";
import { listNetworks } from "../../src/engine/networks.ts";
import { listVolumes } from "../../src/engine/volumes.ts";
import { findSecrets } from "./trace-forms.ts";
import type { Pattern } from "./trace-forms.ts";

const overlapBytes = 256;

/** `place: name` for each file below the folders that was changed since then and holds a secret; other file systems are left out. */
export async function searchFiles(
  folders: readonly string[],
  patterns: readonly Pattern[],
  since: Date,
  isSpared: (path: string) => boolean = () => false,
): Promise<string[]> {
  const hits: string[] = [];
  for (const path of await listChanged(folders, since)) {
    if (isSpared(path)) continue;
    for (const name of await searchFile(path, patterns)) hits.push(`${path}: ${name}`);
  }
  return hits;
}

/** By the time of the last change of the inode, which no program can set back. */
async function listChanged(folders: readonly string[], since: Date): Promise<string[]> {
  const child = Bun.spawn(
    [
      "find",
      ...folders,
      "-xdev",
      "-type",
      "f",
      "-newerct",
      `@${Math.floor(since.getTime() / 1000) - 1}`,
      "-print0",
    ],
    { stdout: "pipe", stderr: "ignore" },
  );
  return (await new Response(child.stdout).text()).split("\0").filter(Boolean);
}

/** Chunk by chunk: a layer can be larger than memory. A file that went away meanwhile holds nothing any more. */
async function searchFile(path: string, patterns: readonly Pattern[]): Promise<string[]> {
  const found = new Set<string>();
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      for (const name of findSecrets(bytes, patterns)) found.add(name);
      rest = bytes.subarray(-overlapBytes);
    }
  } catch {
    // As said
  }
  return [...found];
}

/** What the engine tells of everything with the label: inspect, exec inspect, logs, and all events since then. */
export async function searchEngine(
  engine: Engine,
  label: string,
  patterns: readonly Pattern[],
  since: Date,
): Promise<string[]> {
  const hits: string[] = [];
  const look = (place: string, text: string) =>
    hits.push(...findSecrets(Buffer.from(text), patterns).map((name) => `${place}: ${name}`));
  for (const { Id: id, Names: names } of await listContainers(engine, [label])) {
    const settings = await inspectContainer<{ ExecIDs: string[] | null }>(engine, id);
    look(`inspect ${names[0]}`, JSON.stringify(settings));
    for (const exec of settings.ExecIDs ?? [])
      look(
        `exec of ${names[0]}`,
        JSON.stringify(await engine.json("GET", `/exec/${exec}/json`).catch(() => "")),
      );
    const chunks = await Array.fromAsync(readLogs(engine, id, { follow: false })).catch(() => []);
    look(`logs of ${names[0]}`, Buffer.concat(chunks).toString("latin1"));
  }
  look("networks", JSON.stringify(await listNetworks(engine, [label])));
  look("volumes", JSON.stringify(await listVolumes(engine, [label])));
  look("images", JSON.stringify(await engine.json("GET", "/images/json")));
  look("events", await readEvents(engine, since));
  return hits;
}

async function readEvents(engine: Engine, since: Date): Promise<string> {
  const query = {
    since: (since.getTime() / 1000 - 1).toFixed(3),
    until: (Date.now() / 1000).toFixed(3),
  };
  return (await engine.open("GET", "/events", { query })).text();
}

/** Command lines of all processes, and the environments of all but those that `mayHold` names. */
export async function searchProcesses(
  patterns: readonly Pattern[],
  mayHold: (pid: number) => Promise<boolean>,
): Promise<string[]> {
  const hits: string[] = [];
  for (const pid of (await readdir("/proc")).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))) {
    for (const part of ["cmdline", "environ"]) {
      const bytes = await readFile(`/proc/${pid}/${part}`).catch(() => undefined);
      const names = bytes ? findSecrets(bytes, patterns) : [];
      if (names.length === 0 || (part === "environ" && (await mayHold(pid)))) continue;
      hits.push(...names.map((name) => `/proc/${pid}/${part}: ${name}`));
    }
  }
  return hits;
}

/** Folders of an engine on this machine: its data root, and the state of containerd and its shims; by the shim of a container. */
export async function findEngineFolders(dataRoot: string, containerId: string): Promise<string[]> {
  const folders = [dataRoot, "/run/containerd", "/run/docker", "/var/lib/containerd"];
  for (const name of await readdir("/proc")) {
    const words = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (!words.includes(containerId) || !words.includes("containerd-shim")) continue;
    const bundle = await readlink(`/proc/${name}/cwd`).catch(() => "");
    const root = /^(.+?)\/containerd\//.exec(bundle)?.[1];
    if (root) folders.push(root);
  }
  const present = await Promise.all(
    folders.map((folder) =>
      readdir(folder).then(
        () => [folder],
        () => [],
      ),
    ),
  );
  return [...new Set(present.flat())];
}
