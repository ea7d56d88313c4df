/** What `list` says of a bottle whose agent has been refused hundreds of times: the same as its whole log says, by the end of that log. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readNetwork } from "../../src/bottle/egress/read-network.ts";
import type { LogOptions, Part } from "../../src/bottle/platform/part.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { platformOn } from "../support/docker-platform.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const never = new AbortController().signal;
/** One connection after the other, to 50 hosts in turn, the last of them new */
const requests = `
const { connect } = require("net");
const [host, port] = process.env.HTTPS_PROXY.replace("http://", "").split(":");
const ask = (name) => new Promise((done) => {
  const socket = connect(port, host, () => socket.end("CONNECT " + name + ":443 HTTP/1.1\\r\\n\\r\\n"));
  socket.resume().on("close", done).on("error", done);
});
(async () => {
  for (let count = 0; count < 500; count += 1) await ask("h" + (count % 50) + ".test");
  await ask("last.test");
})();`;

describe.skipIf(typeof found === "string")("a list after 501 refused requests", () => {
  let run: TestRun;
  let one: EgressBottle;
  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, {});
    const asked = one.run(["bottle-request", "wanted.test", "--reason", "why", "--wait", "0"]);
    expect((await asked).exitCode).toBe(75);
    expect((await one.run(["node", "-e", requests])).exitCode).toBe(0);
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  /** As it is read, and by how many lines of the log; `isOld`: as if the gate had not told its counts. */
  async function read(isOld: boolean) {
    const { gate } = await platformOn(engine).findParts(one.plan.session);
    const tails: (number | undefined)[] = [];
    const readLogs = (options: LogOptions) => {
      tails.push(options.tail);
      return (gate as Part).readLogs(isOld && options.tail !== undefined ? { ...options, tail: 0 } : options);
    };
    const watched = { ...(gate as Part), readLogs };
    return { ...(await readNetwork({ gate: watched, pipelock: undefined }, never)), tails };
  }

  test("says the same as by the whole log, and reads only the end of it", async () => {
    let end = await read(false);
    // New hosts are told with the next second if there are many in one
    while (end.refused < 51) end = await read(false);
    const whole = await read(true);
    expect([end.tails, whole.tails]).toEqual([[300], [300, undefined]]);
    expect([end.refused, whole.refused]).toEqual([51, 51]);
    const shown = [{ host: "wanted.test", port: 443, reason: "why" }];
    expect(end.asks).toMatchObject(shown);
    expect(whole.asks).toMatchObject(shown);
    expect(await one.bottles.readDetails(one.plan.session)).toMatchObject({ refused: 51, asks: shown });
  });
});
