import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { readLogs } from "../../src/engine/containers.ts";
import { readFrames } from "../support/container-output.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

/** Says what came: method, path, length of the body, and the headers a client must not get through */
const server = `
require("http").createServer((request, response) => {
  let length = 0;
  request.on("data", (chunk) => (length += chunk.length));
  request.on("end", () => {
    const { host, connection, upgrade, te } = request.headers;
    const line = [request.method, request.url, length, host, connection, upgrade, te].join(" ");
    console.log("came " + line);
    response.end(line);
  });
}).listen(80, () => console.log("listening"));
`;

/** Sends raw bytes to the gate and prints all that comes back. */
const rawClient = `
const socket = require("net").connect(8888, "gate", () => socket.write(Buffer.from(process.argv[1], "base64")));
socket.pipe(process.stdout);
socket.on("error", () => {});
`;

describe.skipIf(typeof found === "string")("plain http", () => {
  let run: TestRun;
  let one: EgressBottle;
  let serverId: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, {
      private: ["plain.test", "other.test"],
      http: ["plain.test"],
      canaries: ["env"],
      pipelockImage: await filterForTests(engine),
    });
    serverId = await one.addServer("plain.test", { Cmd: ["node", "-e", server] });
    await awaitListening(engine, serverId);
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const send = async (...lines: readonly string[]) => {
    const bytes = Buffer.from(lines.join("\r\n"), "latin1").toString("base64");
    return (await one.run(["node", "--no-warnings", "-e", rawClient, bytes])).stdout;
  };
  const came = async () =>
    (await readFrames(readLogs(engine, serverId, { follow: false }))).stdout
      .split("\n")
      .filter((line) => line.startsWith("came "));

  test("passes to a host that is listed for it, written anew and without what is one hop's", async () => {
    const answer = await send(
      "GET http://plain.test/a?b=c HTTP/1.1",
      "Host: lie.test",
      "Connection: Upgrade, TE",
      "Upgrade: h2c",
      "TE: trailers",
      "",
      "",
    );
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer).toContain("GET /a?b=c 0 plain.test");
    expect(answer).not.toContain("h2c");
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  test("takes no made-up credential along: the bottle is frozen, and nothing of the request goes", async () => {
    const { stdout } = await one.run(["sed", "-n", "s/^DEPLOY_TOKEN=//p", "/home/node/.env.production"]);
    const before = (await came()).length;
    const post = (body: string) =>
      send("POST http://plain.test/note HTTP/1.1", `Content-Length: ${body.length}`, "", body);
    // The control: another body of the same length arrives
    expect(await post("a".repeat(54))).toContain("POST /note 54");
    const theft = post(`taken ${Buffer.from(stdout.trim()).toString("base64")}`.slice(0, 54));
    const bottles = makeBottles(run, await imageForTests(engine));
    const { session } = one.plan;
    while ((await bottles.readDetails(session)).isFrozen !== true) await Bun.sleep(100);
    await bottles.thaw(session);
    expect(await theft).toBe("");
    expect(await came()).toHaveLength(before + 1);
  });

  test("carries a body of the announced length, and nothing behind it", async () => {
    const before = (await came()).length;
    const answer = await send(
      "POST http://plain.test/upload HTTP/1.1",
      "Content-Length: 5",
      "",
      "12345GET http://plain.test/smuggled HTTP/1.1",
      "Host: plain.test",
      "",
      "",
    );
    expect(answer).toContain("POST /upload 5 plain.test");
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    const lines = (await came()).slice(before);
    expect(lines).toHaveLength(1);
  });

  test("is looked through: a credential in body, header or address does not arrive, the same without it does", async () => {
    const secret = `AKIA${"IOSFODNN7EXAMPLE"}`;
    const post = (text: string) =>
      send("POST http://plain.test/form HTTP/1.1", `Content-Length: ${text.length}`, "", text);
    // The control: the same without a credential arrives
    expect(await post("k=harmless")).toContain("POST /form 10");
    const before = (await came()).length;
    expect(await post(`k=${secret}`)).toStartWith("HTTP/1.1 403 ");
    expect(await send(`GET http://plain.test/?k=${secret} HTTP/1.1`, "", "")).toStartWith("HTTP/1.1 403 ");
    expect(
      await send("GET http://plain.test/ HTTP/1.1", `Authorization: Bearer ${secret}`, "", ""),
    ).toStartWith("HTTP/1.1 403 ");
    expect(await came()).toHaveLength(before);
    const bottles = makeBottles(run, await imageForTests(engine));
    const { signal } = new AbortController();
    let shown = "";
    for await (const record of bottles.readEgress({
      session: one.plan.session,
      isFollowing: false,
      signal,
    }))
      shown += JSON.stringify(record);
    expect(shown).toContain('"source":"pipelock"');
    expect(shown).not.toContain(secret);
  });

  test("is refused to every other host, with a word about https", async () => {
    const answer = await send("GET http://other.test/ HTTP/1.1", "", "");
    expect(answer).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(answer).toContain("code=plain-http");
    expect(answer).toContain("https://");
    expect(await send("GET http://plain.test:8080/ HTTP/1.1", "", "")).toContain("code=plain-http");
  });

  test("does not go through a tunnel, where nobody could read it", async () => {
    expect((await one.run(connectScript("plain.test", 80))).stdout.trim()).toBe("plain-http");
  });

  test("with a body that two programs could read differently goes nowhere", async () => {
    const before = (await came()).length;
    const chunked = ["Transfer-Encoding: chunked", "", "5", "12345", "0", "", ""];
    expect(await send("POST http://plain.test/ HTTP/1.1", ...chunked)).toStartWith("HTTP/1.1 411 ");
    const twice = ["Content-Length: 5", "Content-Length: 6", "", "123456"];
    expect(await send("POST http://plain.test/ HTTP/1.1", ...twice)).toStartWith("HTTP/1.1 400 ");
    expect(await came()).toHaveLength(before);
  });

  test("reaches none of the filter's own places", async () => {
    for (const path of ["/fetch?url=http://plain.test/", "/health", "/metrics", "/stats"]) {
      expect(await send(`GET ${path} HTTP/1.1`, "Host: gate", "", "")).toStartWith("HTTP/1.1 404 ");
      expect(await send(`GET http://127.0.0.1:8889${path} HTTP/1.1`, "", "")).toContain("code=plain-http");
    }
  });
});
