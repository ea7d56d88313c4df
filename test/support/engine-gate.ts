/** The way of engine tests to an engine: a reason to skip where there is none, and a run whose objects are all removed at its end. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { BottleError } from "../../src/core/error.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { createContainer, killAndRemoveContainer, listContainers } from "../../src/engine/containers.ts";
import type { ContainerConfig } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { listNetworks, removeNetwork } from "../../src/engine/networks.ts";
import { listVolumes, removeVolume } from "../../src/engine/volumes.ts";

const runLabel = "claude-bottle.test-run";

let connection: Promise<Engine | string> | undefined;

/** The engine of the environment, or why there is none. With `CLAUDE_BOTTLE_TEST_ENGINE=require` none is a failure. */
export function engineForTests(): Promise<Engine | string> {
  connection ??= connect();
  return connection;
}

/** An image with a shell and the usual programs. Never fetched: a test contacts no registry. */
export async function imageForTests(engine: Engine): Promise<string> {
  const given = process.env["CLAUDE_BOTTLE_BASE_IMAGE"];
  for (const reference of given ? [given] : ["claude-bottle-base:bookworm", "node:22-bookworm-slim"]) {
    if (await findImage(engine, reference)) return reference;
  }
  throw new Error('Cannot find an image for engine tests: make one with "scripts/engine base"');
}

/** Given by `scripts/test`, so that it finds what a file has made that did not come to its end */
const fileId = process.env["CLAUDE_BOTTLE_TEST_FILE"] ?? "alone";

/** Everything a test file creates carries the labels, so that the end removes it and nothing else. */
export interface TestRun {
  readonly engine: Engine;
  readonly labels: Readonly<Record<string, string>>;
  /** A name that no other run uses */
  name(suffix: string): string;
  /** Removes what carries the labels. Throws if something cannot be removed */
  end(): Promise<void>;
}

export function beginTestRun(engine: Engine): TestRun {
  const id = crypto.randomUUID();
  const value = `${fileId}.${id}`;
  return {
    engine,
    labels: { [runLabel]: value },
    name: (suffix) => `claude-bottle-test-${id.slice(0, 8)}-${suffix}`,
    end: () => removeLabelled(engine, `${runLabel}=${value}`),
  };
}

/** As the engine is asked for them, and as `CLAUDE_BOTTLE_LABELS` takes them. */
export function labelsOf(run: TestRun): string[] {
  return Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
}

/** Removes what the runs of a file have left, by the id that `scripts/test` gave it. */
export async function removeRunsOf(engine: Engine, file: string): Promise<void> {
  const [containers, networks, volumes] = await Promise.all([
    listContainers(engine, [runLabel]),
    listNetworks(engine, [runLabel]),
    listVolumes(engine, [runLabel]),
  ]);
  const labels = [...containers.map((one) => one.Labels), ...networks.map((one) => one.labels)];
  const values = [...labels, ...volumes.map((one) => one.labels)].map((one) => one[runLabel] ?? "");
  for (const value of new Set(values.filter((one) => one.startsWith(`${file}.`))))
    await removeLabelled(engine, `${runLabel}=${value}`);
}

async function removeLabelled(engine: Engine, label: string): Promise<void> {
  const containers = await listContainers(engine, [label]);
  await Promise.all(containers.map((container) => killAndRemoveContainer(engine, container.Id)));
  const networks = await listNetworks(engine, [label]);
  await Promise.all(networks.map((network) => removeNetwork(engine, network.id)));
  const volumes = await listVolumes(engine, [label]);
  await Promise.all(volumes.map((volume) => removeVolume(engine, volume.name)));
  for (const image of await listImages(engine, label)) {
    await engine.send("DELETE", `/images/${image}`, {
      action: `remove image "${image}"`,
      query: { force: true },
    });
  }
}

/** A shell script as a container that is not started and has no network; returns its id. */
export async function createShell(
  run: TestRun,
  suffix: string,
  script: string,
  config: Partial<ContainerConfig> = {},
): Promise<string> {
  const { HostConfig, ...rest } = config;
  const { id } = await createContainer(run.engine, run.name(suffix), {
    Image: await imageForTests(run.engine),
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: [script],
    Labels: run.labels,
    HostConfig: { NetworkMode: "none", ...HostConfig },
    ...rest,
  });
  return id;
}

async function connect(): Promise<Engine | string> {
  try {
    return await connectEngine({
      env: process.env,
      home: homedir(),
      uid: process.getuid?.() ?? 0,
      platform: process.platform,
      readFile: (path) => readFile(path, "utf8").catch(() => undefined),
    });
  } catch (error) {
    if (!(error instanceof BottleError) || process.env["CLAUDE_BOTTLE_TEST_ENGINE"] === "require")
      throw error;
    const reason = [error.message, ...error.details].join("\n  ");
    console.warn(`Skipping the tests that need an engine: ${reason}`);
    return reason;
  }
}

async function listImages(engine: Engine, label: string): Promise<string[]> {
  const filters = JSON.stringify({ label: [label] });
  const images = await engine.json<{ Id: string }[]>("GET", "/images/json", {
    action: "list images",
    query: { filters },
  });
  return images.map((image) => image.Id);
}
