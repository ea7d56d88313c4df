import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  createContainer,
  inspectContainer,
  killAndRemoveContainer,
  startContainer,
} from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;

/** Prints what becomes of a request to each place, in their order: an answer, a connection that is closed without one, or an error. */
const tryAll = `
const answers = process.argv.slice(1).map((place) => new Promise((resolve) => {
  const [host, port] = place.split(":");
  const socket = require("net").connect({ host, port, timeout: 2000 }, () => socket.write("GET / HTTP/1.1\\r\\n\\r\\n"));
  socket.on("data", () => resolve("answered")).on("close", () => resolve("closed"));
  socket.on("timeout", () => resolve("silent")).on("error", (error) => resolve(error.code));
}));
Promise.all(answers).then((words) => { console.log(words.join(" ")); process.exit(0); });
`;
/** Spends the user's credential, so that it is the one that matters most */
const apiPort = 8080;
const proxyPort = 8888;
const askPort = 8891;

describe.skipIf(typeof found === "string")("the gate's ports", () => {
  let run: TestRun;
  let one: EgressBottle;
  /** Of the gate */
  let inside: string;
  let outside: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { allowlist: ["server.test"] });
    inside = await addressIn("internal");
    outside = await addressIn("egress");
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  test("answer the agent: the control", async () => {
    const { stdout } = await one.run([
      "node",
      "-e",
      tryAll,
      `gate:${proxyPort}`,
      `gate:${apiPort}`,
      `gate:${askPort}`,
    ]);
    expect(stdout).toBe("answered answered answered\n");
  });

  test("answer nobody on the network of the way out", async () => {
    const neighbour = await one.addServer("neighbour.test", { Cmd: ["sleep", "600"] });
    expect(await tryFrom(neighbour, outside)).toBe("ECONNREFUSED ECONNREFUSED ECONNREFUSED\n");
  });

  test("answer no program of the engine's host, which anybody with an account there can run", async () => {
    const host = await addNeighbour("host", "host");
    expect(await tryFrom(host, outside)).toBe("ECONNREFUSED ECONNREFUSED ECONNREFUSED\n");
  });

  test("answer nobody but the agent where packets for their own address do arrive", async () => {
    const stranger = await addNeighbour("stranger", `claude-bottle-${one.plan.bottleName}-internal`);
    expect(await tryFrom(stranger, inside)).toMatch(/^(?:(?:closed|ECONNRESET)(?: |\n)){3}$/);
    await killAndRemoveContainer(engine, stranger);
  });

  /** Of the gate, in one of the bottle's networks. */
  async function addressIn(network: string): Promise<string> {
    const { NetworkSettings } = await inspectContainer<{
      NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
    }>(engine, await one.container("gate"));
    const address =
      NetworkSettings.Networks[`claude-bottle-${one.plan.bottleName}-${network}`]?.IPAddress ?? "";
    expect(address).toMatch(/^10\./);
    return address;
  }

  async function addNeighbour(name: string, network: string): Promise<string> {
    const { id } = await createContainer(engine, run.name(name), {
      Image: await imageForTests(engine),
      Labels: run.labels,
      Entrypoint: [],
      Cmd: ["sleep", "600"],
      HostConfig: { NetworkMode: network, Init: true },
    });
    await startContainer(engine, id);
    return id;
  }

  /** Only addresses that are on a network of the container: others would be looked for outside. */
  async function tryFrom(container: string, address: string): Promise<string> {
    const places = [`${address}:${proxyPort}`, `${address}:${apiPort}`, `${address}:${askPort}`];
    return (await runExec(engine, container, { command: ["node", "-e", tryAll, ...places] })).stdout;
  }
});
