import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspectContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { apiHost } from "../../src/plan/built-in-hosts.ts";
import { makeClientHello } from "../support/client-hello.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { openExec } from "../support/open-exec.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;

/** Answers the first byte with more than anybody takes */
const fountain = `
const chunk = Buffer.alloc(65536, 1);
require("net").createServer((socket) => {
  const pour = () => { while (socket.write(chunk)); };
  socket.on("error", () => {}).on("drain", pour).once("data", pour);
}).listen(443, () => console.log("listening"));
`;

/** Takes connections and says nothing, so that whoever asks there waits */
const silence = `require("net").createServer((socket) => socket.on("error", () => {})).listen(443, () => console.log("listening"));`;

/** A flood ends when a file says so; the image has nothing to find a process with */
const untilStopped = `setInterval(() => require("fs").existsSync("/tmp/stop") && process.exit(0), 100);`;

/** Opens so many tunnels, reads none, and says how many were granted and refused once all have an answer. */
const tunnels = `
const hello = Buffer.from(process.argv[1], "base64");
const wanted = Number(process.argv[2]);
let granted = 0, refused = 0, closed = 0;
const note = () => { if (granted + refused + closed === wanted) console.log("flooding", granted > 0, refused > 0); };
for (let count = 0; count < wanted; count += 1) {
  const socket = require("net").connect(8888, "gate", () => socket.write("CONNECT server.test:443 HTTP/1.1\\r\\n\\r\\n"));
  let isAnswered = false;
  socket.once("data", (head) => {
    isAnswered = true;
    if (String(head).startsWith("HTTP/1.1 200")) { granted += 1; socket.pause(); socket.write(hello); }
    else refused += 1;
    note();
  });
  socket.on("error", () => {}).on("close", () => { if (!isAnswered) { closed += 1; note(); } });
}
${untilStopped}`;

/** Heads that never end, as many as there are connections, again and again. */
const heads = `
const line = Buffer.alloc(1024 * 1024, "a");
let refused = 0;
const open = () => {
  const socket = require("net").connect(8888, "gate", () => { socket.write("GET / HTTP/1.1\\r\\nX: "); socket.write(line); });
  socket.once("data", () => { refused += 1; if (refused === 500) console.log("flooding"); });
  socket.on("error", () => {}).on("close", open);
};
for (let count = 0; count < 100; count += 1) open();
${untilStopped}`;

/** Calls of the API by the thousand, before the first one is answered, again and again. */
const calls = `
const some = Buffer.from("POST /v1/messages HTTP/1.1\\r\\nHost: gate\\r\\nContent-Length: 2\\r\\n\\r\\n{}".repeat(1000));
let ended = 0;
const open = () => {
  const socket = require("net").connect(8080, "gate", () => { for (let count = 0; count < 50; count += 1) socket.write(some); });
  socket.on("error", () => {}).on("close", () => { ended += 1; if (ended === 200) console.log("flooding"); open(); }).resume();
};
for (let count = 0; count < 50; count += 1) open();
${untilStopped}`;

/** The API's listener, which is not the proxy: the call is not allowed, which is an answer. */
const askApi = `fetch("http://gate:8080/v1/files").then((answer) => console.log(answer.status), (error) => console.log(error.cause?.code));`;

describe.skipIf(typeof found === "string")("an agent that floods its gate", () => {
  let run: TestRun;
  let one: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { private: ["server.test", apiHost] });
    await awaitListening(engine, await one.addServer("server.test", { Cmd: ["node", "-e", fountain] }));
    await awaitListening(engine, await one.addServer(apiHost, { Cmd: ["node", "-e", silence] }));
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const flood = async (program: string, ...words: readonly string[]) =>
    openExec(engine, await one.container("agent"), node(program, ...words));
  const gateState = async () => {
    const { State, HostConfig } = await inspectContainer<{
      State: { Running: boolean; OOMKilled: boolean; StartedAt: string };
      HostConfig: { Memory: number; PidsLimit: number };
    }>(engine, await one.container("gate"));
    return { ...State, ...HostConfig };
  };

  test.each([
    [
      "1000 tunnels that nobody reads",
      tunnels,
      [makeClientHello({ serverNames: ["server.test"] }).toString("base64"), "1000"],
    ],
    ["heads without an end", heads, []],
    ["calls that wait for no answer", calls, []],
  ] as const)("with %s harms only itself", async (_name, program, words) => {
    const before = await gateState();
    expect(before.Memory).toBe(256 * 1024 * 1024);
    expect(before.PidsLimit).toBe(128);
    const flooding = await flood(program, ...words);
    expect(await flooding.nextLine()).toStartWith("flooding");
    // The gate goes on to answer: claude's own calls, the user's commands, and the agent itself with a reason
    expect((await one.run(node(askApi))).stdout.trim()).toBe("403");
    const bottles = makeBottles(run, await imageForTests(engine));
    await bottles.allow({ session: one.plan.session, host: "x.test", isPrivate: false, forMs: undefined });
    expect(["too-many", "200"]).toContain((await one.run(connectScript("server.test", 443))).stdout.trim());
    const after = await gateState();
    expect([after.Running, after.OOMKilled, after.StartedAt]).toEqual([true, false, before.StartedAt]);
    await one.run(["touch", "/tmp/stop"]);
    let word: string;
    do word = (await one.run(connectScript("server.test", 443))).stdout.trim();
    while (word !== "200");
    flooding.end();
    await one.run(["rm", "/tmp/stop"]);
  });
});

function node(program: string, ...words: readonly string[]): string[] {
  return ["node", "--no-warnings", "-e", program, ...words];
}
