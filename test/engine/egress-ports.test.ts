import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { readLogs } from "../../src/engine/containers.ts";
import { readFrames } from "../support/container-output.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

/** Speaks first, as databases do, and then says back what it hears; by http on another port it says what was asked for */
const server = `
const { createServer } = require("net");
const greet = (port) => createServer((socket) => {
  console.log("came " + port);
  socket.on("error", () => {});
  socket.write("ready on " + port + "\\n");
  socket.pipe(socket);
}).listen(port);
[5432, 5433, 6379].forEach(greet);
require("http").createServer((request, response) => {
  console.log("came 4873");
  response.end([request.method, request.url, request.headers.host].join(" "));
}).listen(4873, () => console.log("listening"));
`;

/** Connects as a program would that knows no proxy: prints what it is greeted with, and what comes back */
const client = `
const [host, port] = process.argv.slice(1);
const socket = require("net").connect(Number(port), host);
let text = "";
const say = (word) => { console.log(word); process.exit(0); };
socket.on("data", (chunk) => {
  if (text === "") socket.write("select 1");
  text += chunk;
  if (text.endsWith("select 1")) say(JSON.stringify(text));
});
socket.on("error", (error) => say(error.code));
socket.on("close", () => say("closed"));
`;

/** One plain request to the gate; prints all that comes back */
const plainClient = `
const socket = require("net").connect(8888, "gate", () =>
  socket.write("GET " + process.argv[1] + " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"));
socket.pipe(process.stdout);
socket.on("error", () => {});
`;

describe.skipIf(typeof found === "string")("hosts with a port", () => {
  let run: TestRun;
  let one: EgressBottle;
  let serverId: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, {
      private: ["db.test", "web.test:8443", "mirror.test:4873"],
      http: ["mirror.test:4873"],
      tcp: ["db.test:5432", "shut.test:6379"],
      pipelockImage: await filterForTests(engine),
    });
    serverId = await one.addServer("db.test", {
      Cmd: ["node", "-e", server],
    });
    await awaitListening(engine, serverId);
    for (const name of ["mirror.test", "web.test", "shut.test"]) {
      const id = await one.addServer(name, { Cmd: ["node", "-e", server] });
      await awaitListening(engine, id);
      if (name !== "mirror.test") ids.push(id);
    }
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const ids: string[] = [];
  const say = async (host: string, port: number) =>
    (await one.run(["node", "--no-warnings", "-e", client, host, String(port)])).stdout.trim();
  const connect = async (host: string, port: number) =>
    (await one.run(connectScript(host, port))).stdout.trim();
  const came = async (id: string) =>
    (await readFrames(readLogs(engine, id, { follow: false }))).stdout
      .split("\n")
      .filter((line) => line.startsWith("came "));

  test("a database that speaks first is reached by its own name, and by CONNECT", async () => {
    // The control: with `private`, and on its named port, a server in the same network answers
    expect(await say("db.test", 5432)).toBe('"ready on 5432\\nselect 1"');
    expect(await connect("db.test", 5432)).toBe("200");
  });

  test("no other port of it is, though it listens there", async () => {
    const before = await came(serverId);
    // The control: the server notes who comes, and has noted who came to the named port
    expect(before.length).toBeGreaterThan(0);
    expect(await say("db.test", 5433)).toBe("ECONNREFUSED");
    expect(await connect("db.test", 5433)).toBe("wrong-port");
    expect(await came(serverId)).toEqual(before);
  });

  test("a private address stays closed without private", async () => {
    expect(await say("shut.test", 6379)).toBe("closed");
    expect(await connect("shut.test", 6379)).toBe("private-address");
    expect(await came(ids.at(-1) ?? "")).toEqual([]);
  });

  test("plain http is passed on another port, and to no other", async () => {
    const ask = async (address: string) => {
      const { stdout } = await one.run(["node", "--no-warnings", "-e", plainClient, address]);
      return stdout.split("\r\n\r\n")[1] ?? "";
    };
    expect(await ask("http://mirror.test:4873/a?b=c")).toBe("GET /a?b=c mirror.test:4873");
    expect(await ask("http://mirror.test/")).toStartWith("claude-bottle blocked mirror.test:80");
    expect(await ask("http://mirror.test:5432/")).toContain('"mirror.test:5432" to egress.http');
  });

  test("TLS is looked for on another port as on 443", async () => {
    expect(await connect("web.test", 8443)).toBe("unreachable");
    expect(await connect("web.test", 443)).toBe("wrong-port");
  });
});

describe.skipIf(typeof found === "string")("the engine's own machine", () => {
  test("is reached by name, on the ports that are named alone", async () => {
    const run = beginTestRun(engine);
    const opened = [1, 2].map(() =>
      Bun.listen({
        hostname: "0.0.0.0",
        port: 0,
        socket: {
          open: (socket) => void socket.write("host\n"),
          data: (socket, data) => void socket.write(data),
        },
      }),
    );
    const [port = 0, other = 0] = opened.map((one) => one.port);
    const one = await launchEgressBottle(run, { tcp: [`host.bottle:${port}`] });
    const say = async (number: number) =>
      (await one.run(["node", "--no-warnings", "-e", client, "host.bottle", String(number)])).stdout.trim();
    try {
      // The control: on the named port the engine's machine answers
      expect(await say(port)).toBe('"host\\nselect 1"');
      expect(await say(other)).toBe("ECONNREFUSED");
      expect((await one.run(connectScript("host.bottle", other))).stdout.trim()).toBe("wrong-port");
    } finally {
      opened.forEach((listener) => listener.stop(true));
      await one.bottle.destroy();
      await run.end();
    }
  });
});
