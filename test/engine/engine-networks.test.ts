import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createContainer, inspectContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import {
  connectNetwork,
  createNetwork,
  isAddressOverlap,
  listNetworks,
  removeNetwork,
} from "../../src/engine/networks.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;

/** Makes a network in a /29 that nobody has, and tries on while others take what it picks. */
async function create(
  suffix: string,
  subnet?: string,
): Promise<{ id: string; prefix: string; subnet: string; gateway: string }> {
  const prefix = `10.213.${Math.floor(Math.random() * 256)}.`;
  const range = subnet ?? `${prefix}${Math.floor(Math.random() * 32) * 8}/29`;
  const base = Number(range.split(/[./]/)[3]);
  const gateway = range.replace(/\d+\/29$/, String(base + 1));
  try {
    const request = { name: run.name(suffix), internal: true, options: {}, labels: run.labels };
    const id = await createNetwork(engine, { ...request, subnet: range, gateway });
    return { id, prefix: gateway.slice(0, gateway.lastIndexOf(".") + 1), subnet: range, gateway };
  } catch (error) {
    if (subnet === undefined && isAddressOverlap(error)) return create(suffix);
    throw error;
  }
}

describe.skipIf(typeof found === "string")("networks of a real engine", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("are made with the range and labels asked for, and removed", async () => {
    const network = await create("plain");
    const listed = (await listNetworks(engine, Object.keys(run.labels))).find((one) => one.id === network.id);
    expect(listed).toEqual({
      id: network.id,
      name: run.name("plain"),
      labels: run.labels,
      subnets: [network.subnet],
      gateways: [network.gateway],
    });
    await removeNetwork(engine, network.id);
    await removeNetwork(engine, network.id);
    expect((await listNetworks(engine)).map((one) => one.id)).not.toContain(network.id);
  });

  test("of the same range or name are refused, and the two are told apart", async () => {
    const first = await create("first");
    expect(isAddressOverlap(await failureOf(create("second", first.subnet)))).toBe(true);
    const sameName = await failureOf(create("first"));
    expect(sameName.message).toContain("already exists");
    expect(isAddressOverlap(sameName)).toBe(false);
  });

  test("give a container the address it asks for, and go with it still inside", async () => {
    const [home, away] = await Promise.all([create("home"), create("away")]);
    const base = Number(away.subnet.split(/[./]/)[3]);
    const { id } = await createContainer(engine, run.name("member"), {
      Image: await imageForTests(engine),
      Entrypoint: ["/bin/sleep"],
      Cmd: ["1000"],
      Labels: run.labels,
      HostConfig: { NetworkMode: home.id, Init: true },
    });
    await connectNetwork(engine, away.id, id, {
      ipv4Address: `${away.prefix}${base + 3}`,
      aliases: ["gate"],
    });
    await startContainer(engine, id);
    const seen = await inspectContainer<{
      NetworkSettings: { Networks: Record<string, { IPAddress: string; Aliases: string[] }> };
    }>(engine, id);
    const endpoint = seen.NetworkSettings.Networks[run.name("away")];
    expect(endpoint?.IPAddress).toBe(`${away.prefix}${base + 3}`);
    expect(endpoint?.Aliases).toContain("gate");
    await removeNetwork(engine, away.id);
    expect((await listNetworks(engine)).map((one) => one.id)).not.toContain(away.id);
  });
});
