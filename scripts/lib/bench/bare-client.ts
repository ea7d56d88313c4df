/** What the engine itself needs for bottles: their objects and nothing else, by the fewest calls. */
import { makeHardening } from "../../../src/bottle/docker/hardening.ts";
import { createContainer, killAndRemoveContainer, startContainer } from "../../../src/engine/containers.ts";
import { connectNetwork, createNetwork, listNetworks, removeNetwork } from "../../../src/engine/networks.ts";
import { putArchive } from "../../../src/engine/put-archive.ts";
import { makeTar } from "../../../src/archive/small-tar.ts";
import { createVolume, removeVolume } from "../../../src/engine/volumes.ts";
import { pickSubnets } from "../../../src/plan/subnets.ts";
import type { SubnetPlan } from "../../../src/plan/subnets.ts";
import { entryProgram, programCommand } from "../../../src/sidecar/programs.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import type { BenchWorld } from "./world.ts";

/** Seconds */
export interface Phases {
  readonly up: number;
  readonly down: number;
}

interface BareBottle {
  readonly stem: string;
  readonly internal: SubnetPlan;
  readonly egress: SubnetPlan;
}

const mebibyte = 1024 * 1024;

/** Brings them all up and then all down. */
export async function runBareClient(
  world: BenchWorld,
  runtime: RuntimeChoice,
  count: number,
  order: "one-by-one" | "all-at-once",
): Promise<Phases> {
  const bottles = await planBottles(world, count);
  const archive = await makeTar([
    { path: "usr/local/lib/claude-bottle/entry", mode: 0o755, content: entryProgram },
  ]);
  const each = async (act: (bottle: BareBottle) => Promise<void>) => {
    const start = performance.now();
    if (order === "all-at-once") await Promise.all(bottles.map(act));
    else for (const bottle of bottles) await act(bottle);
    return (performance.now() - start) / 1000;
  };
  const up = await each((bottle) => bringUp(world, bottle, runtime, archive)).catch(
    async (error: unknown) => {
      await Promise.allSettled(bottles.map((bottle) => takeDown(world, bottle)));
      throw error;
    },
  );
  return { up, down: await each((bottle) => takeDown(world, bottle)) };
}

async function planBottles({ engine }: BenchWorld, count: number): Promise<BareBottle[]> {
  const used = (await listNetworks(engine)).flatMap((network) => network.subnets);
  return Array.from({ length: count }, () => {
    const picked = pickSubnets(used, 0);
    used.push(picked.internal.subnet, picked.egress.subnet);
    return { stem: `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`, ...picked };
  });
}

async function bringUp(
  world: BenchWorld,
  bottle: BareBottle,
  runtime: RuntimeChoice,
  archive: Uint8Array,
): Promise<void> {
  const { engine } = world;
  const { stem, internal, egress } = bottle;
  const network = (name: string, { subnet, gateway }: SubnetPlan, isInternal: boolean) =>
    createNetwork(engine, {
      name,
      internal: isInternal,
      subnet,
      gateway,
      options: isInternal ? { "com.docker.network.bridge.inhibit_ipv4": "true" } : {},
      labels: {},
    });
  await Promise.all([
    network(`${stem}-i`, internal, true),
    network(`${stem}-e`, egress, false),
    ...volumesOf(stem).map((name) => createVolume(engine, { name, labels: {} })),
  ]);
  await Promise.all([startAgent(world, bottle, runtime, archive), startGate(world, bottle)]);
}

async function startAgent(
  { engine, image }: BenchWorld,
  { stem, internal }: BareBottle,
  runtime: RuntimeChoice,
  archive: Uint8Array,
): Promise<void> {
  const [work = "", kept = ""] = volumesOf(stem);
  await createContainer(engine, stem, {
    Image: image,
    // Waits for its input, as the entry program does
    Entrypoint: ["/bin/sh", "-c", "exec cat"],
    User: "1000:1000",
    OpenStdin: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: 4096 * mebibyte, pids: 2048 }),
      Runtime: runtime,
      NetworkMode: `${stem}-i`,
      LogConfig: { Type: "none", Config: {} },
      Mounts: [
        { Type: "volume", Source: work, Target: "/home/node/workspace" },
        { Type: "volume", Source: kept, Target: "/home/node/.claude-bottle/kept" },
      ],
    },
    NetworkingConfig: { EndpointsConfig: { [`${stem}-i`]: { IPAMConfig: { IPv4Address: internal.agent } } } },
  });
  await putArchive(engine, stem, "/", archive);
  await startContainer(engine, stem);
}

async function startGate({ engine, image }: BenchWorld, bottle: BareBottle): Promise<void> {
  const { stem, internal, egress } = bottle;
  const id = `${stem}-gate`;
  await createContainer(engine, id, {
    Image: image,
    Entrypoint: [],
    // Waits for its program
    Cmd: programCommand,
    User: "65532:65532",
    OpenStdin: true,
    HostConfig: { ...makeHardening({ memoryBytes: 256 * mebibyte, pids: 128 }), NetworkMode: `${stem}-i` },
    NetworkingConfig: {
      EndpointsConfig: { [`${stem}-i`]: { IPAMConfig: { IPv4Address: internal.sidecar } } },
    },
  });
  await connectNetwork(engine, `${stem}-e`, id, { ipv4Address: egress.sidecar });
  await startContainer(engine, id);
}

async function takeDown({ engine }: BenchWorld, { stem }: BareBottle): Promise<void> {
  await Promise.all([stem, `${stem}-gate`].map((name) => killAndRemoveContainer(engine, name)));
  await Promise.all([
    ...[`${stem}-i`, `${stem}-e`].map((name) => removeNetwork(engine, name)),
    ...volumesOf(stem).map((name) => removeVolume(engine, name)),
  ]);
}

function volumesOf(stem: string): string[] {
  return [`${stem}-w`, `${stem}-k`];
}
