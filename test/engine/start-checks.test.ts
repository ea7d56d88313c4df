import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { launchBottle } from "../support/docker-platform.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import { createCheckedNetwork, requireNetworks } from "../../src/bottle/docker/checked-create.ts";
import { listContainers, openWait, readLogs, startContainer } from "../../src/engine/containers.ts";
import type { HostConfig } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { connectNetwork, listNetworks, removeNetwork } from "../../src/engine/networks.ts";
import { entryProgram } from "../../src/sidecar/programs.ts";
import { readFrames } from "../support/container-output.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

import { failureOf } from "../support/failure.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { launchContextForTests } from "../support/verify-bottle.ts";
import { weakenEngine } from "../support/weakened-engine.ts";
import type { Weakness } from "../support/weakened-engine.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let run: TestRun;

/**
 * What is missing, and how the entry program says so. It is told by its perl, which most images have, and by its shell, which stands in for
 * it: both are run against all of these.
 */
const walls: readonly (readonly [missing: string, host: HostConfig, words: string])[] = [
  ["an ordinary network", { NetworkMode: "" }, "it has a default route that leads elsewhere"],
  ["a resolver of the host's", { NetworkMode: "none", Dns: ["192.0.2.53"] }, "it asks 192.0.2.53 for names"],
  [
    "privileges to gain",
    { NetworkMode: "none", Dns: ["127.0.0.1"], CapDrop: ["ALL"] },
    "it may gain privileges",
  ],
  ["a capability", { NetworkMode: "none", CapAdd: ["NET_ADMIN"] }, "it has capabilities (CapBnd:"],
  ["a neighbour that answers", { NetworkMode: "none" }, "127.0.0.1:9 can be reached from inside"],
];

describe.skipIf(typeof found === "string")("a start", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  const launch = async (runtime: RuntimeChoice, weaknesses: readonly Weakness[] = []) => {
    const { options, context } = await launchContextForTests(run, runtime);
    return launchBottle(weakenEngine(engine, makeNames(options.plan).stem, weaknesses), options, context);
  };

  test.each(runtimes)("finds a bottle closed under %s", async (runtime) => {
    // The control: with every wall in place the same start is not refused
    const bottle = await launch(runtime);
    expect(await bottle.destroy()).toEqual([]);
  });

  // The controls: without the wall, the check that is there for it refuses, and nothing stays
  test.each(
    runtimes.flatMap((runtime) => [
      [
        runtime,
        "host-address",
        /^Cannot start the agent: the bottle is not closed: [\d.:]+:9.* can be reached/,
      ] as const,
      [
        runtime,
        "capabilities",
        /^Cannot start the agent: the bottle is not closed: it has capabilities \(Cap/,
      ] as const,
    ]),
  )("under %s is refused without %s", async (runtime, weakness, words) => {
    const error = await failureOf(launch(runtime, [weakness]));
    expect(error.message).toMatch(words);
    expect(error.details).not.toContain("Left behind:");
    const labels = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
    expect([await listContainers(engine, labels), await listNetworks(engine, labels)]).toEqual([[], []]);
  });

  test.each(
    walls.flatMap(([name, host, words]) => [
      [name, host, words, "perl"] as const,
      [name, host, words, "shell"] as const,
    ]),
  )("is refused with %s", async (_, host, words, way) => {
    const network =
      host.NetworkMode || (await makeNetwork(`198.19.250.${way === "perl" ? 16 : 24}/29`, false));
    const said = await runEntry({ ...host, NetworkMode: network }, way);
    expect(said).toStartWith("\u001eclaude-bottle leak\u001e");
    expect(said).toContain(words);
  });

  test("notices an option that the engine ignores", async () => {
    const name = run.name("odd");
    const request = {
      name,
      internal: true,
      subnet: "198.19.249.0/29",
      gateway: "198.19.249.1",
      labels: run.labels,
    };
    const asked = { "com.docker.network.bridge.inhibit_ipv4": "true" };
    // The control: the same network is made by an engine that does as it is asked
    await createCheckedNetwork(engine, { ...request, options: asked }, () => undefined);
    await removeNetwork(engine, name);
    const network = createCheckedNetwork(
      // An engine between us and this one that loses what it does not know
      Object.assign(Object.create(engine) as Engine, {
        json: async (method: string, path: string, options: { readonly action: string }) => {
          const answer = await engine.json<Record<string, unknown>>(method as "GET", path, options);
          return path.startsWith("/networks/") && method === "GET" ? { ...answer, Options: {} } : answer;
        },
      }),
      { ...request, options: asked },
      () => undefined,
    );
    const error = await failureOf(network);
    expect(error.message).toBe(`Cannot create network "${name}": the engine ignored an option`);
    expect(error.details).toEqual([
      'Options["com.docker.network.bridge.inhibit_ipv4"]: asked for "true", found nothing',
    ]);
  });

  test("notices a container in a network that was not made for it", async () => {
    const networks = ["198.19.250.0/29", "198.19.250.8/29"].map((subnet) => makeNetwork(subnet, true));
    const [first = "", second = ""] = await Promise.all(networks);
    const container = await createShell(run, "stray", "sleep 60", { HostConfig: { NetworkMode: first } });
    await startContainer(engine, container);
    await requireNetworks(engine, container, [first]);
    await connectNetwork(engine, second, container, {});
    const error = await failureOf(requireNetworks(engine, container, [first]));
    expect(error.details).toEqual(["its networks are not those that were made for it"]);
  });
});

/** A network of the run's; returns its id. */
function makeNetwork(subnet: string, internal: boolean): Promise<string> {
  const gateway = subnet.replace(/\d+\/29$/, (end) => String(Number.parseInt(end) + 1));
  const request = { name: run.name(gateway), internal, subnet, gateway, options: {}, labels: run.labels };
  return createCheckedNetwork(engine, request, () => undefined);
}

/** The entry program alone, in a container of the test's making; what it says. */
async function runEntry(host: HostConfig, way: "perl" | "shell"): Promise<string> {
  // An address that nobody has, and one that refuses
  const closed = "0100000A 198.19.250.30:9 127.0.0.1:9";
  const folder = "/tmp/.claude-bottle";
  const script = `node -e 'fs.mkdirSync("${folder}"); fs.writeFileSync("${folder}/closed", "${closed}\\n")'\n${entryProgram}`;
  const id = await createShell(run, crypto.randomUUID(), script, {
    User: "1000:1000",
    // Where node is, and perl is not
    Env: ["HOME=/tmp", ...(way === "shell" ? ["PATH=/usr/local/bin"] : [])],
    HostConfig: host,
  });
  const { exit } = await openWait(engine, id);
  await startContainer(engine, id);
  expect(await exit).toBe(1);
  return (await readFrames(readLogs(engine, id, { follow: false }))).stdout;
}
