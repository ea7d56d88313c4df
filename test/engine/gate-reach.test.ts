import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;

/** Prints what becomes of a connection to each place, in their order. */
const tryAll = `
const answers = process.argv.slice(1).map((place) => new Promise((resolve) => {
  const [host, port] = place.split(":");
  const socket = require("net").connect({ host, port, timeout: 2000 }, () => resolve("connected"));
  socket.on("timeout", () => resolve("silent")).on("error", (error) => resolve(error.code));
}));
Promise.all(answers).then((words) => { console.log(words.join(" ")); process.exit(0); });
`;
/** Spends the user's credential, so that it is the one that matters most */
const apiPort = 8080;
const proxyPort = 8888;

describe.skipIf(typeof found === "string")("the gate's ports", () => {
  let run: TestRun;
  let one: EgressBottle;
  let addresses: string[];

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { allowlist: ["server.test"] });
    const listing = `console.log(Object.values(require("os").networkInterfaces()).flat()
      .filter((one) => !one.internal && one.family === "IPv4").map((one) => one.address).join(" "))`;
    const { stdout } = await runExec(engine, await one.container("gate"), {
      command: ["node", "-e", listing],
    });
    addresses = stdout.trim().split(" ");
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  test("answer the agent: the control", async () => {
    const { stdout } = await one.run(["node", "-e", tryAll, `gate:${proxyPort}`, `gate:${apiPort}`]);
    expect(stdout).toBe("connected connected\n");
  });

  test("answer nobody on the network of the way out", async () => {
    const neighbour = await one.addServer("neighbour.test", { Cmd: ["sleep", "600"] });
    expect(addresses).toHaveLength(2);
    for (const word of await tryFrom(neighbour)) expect(word).not.toBe("connected");
  });

  test("answer no program of the engine's host, which anybody with an account there can run", async () => {
    const { id } = await createContainer(engine, run.name("host"), {
      Image: await imageForTests(engine),
      Labels: run.labels,
      Entrypoint: [],
      Cmd: ["sleep", "600"],
      HostConfig: { NetworkMode: "host", Init: true },
    });
    await startContainer(engine, id);
    for (const word of await tryFrom(id)) expect(word).not.toBe("connected");
  });

  async function tryFrom(container: string): Promise<string[]> {
    const places = addresses.flatMap((address) => [`${address}:${proxyPort}`, `${address}:${apiPort}`]);
    const { stdout } = await runExec(engine, container, { command: ["node", "-e", tryAll, ...places] });
    expect(stdout.trim().split(" ")).toHaveLength(places.length);
    return stdout.trim().split(" ");
  }
});
