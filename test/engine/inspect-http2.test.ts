/** Hosts that speak HTTP/2: through a tunnel that nobody opens clients use it, and with the gate they fall back to HTTP/1.1. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readFrames } from "../support/container-output.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { buildTrustingImage } from "../support/session/trusting-image.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { makeTestAuthority } from "../support/test-authority.ts";

// Needs: openssl
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const inspected = "inspected.test";
const opaque = "opaque.test";
const commit = "1234567890123456789012345678901234567890";

/** Says which version a request came in; its one repository is served as plain files. */
const server = `require("http2").createSecureServer({ key: process.env.KEY, cert: process.env.CERT, allowHTTP1: true }, (request, response) => {
  request.resume();
  response.setHeader("x-version", request.httpVersion);
  response.end(request.url.includes("info/refs") ? "${commit}\\trefs/heads/v" + request.httpVersionMajor + "\\n" : "came by " + request.httpVersion);
}).listen(443, () => console.log("listening"));`;

/** As gRPC does it: HTTP/2 and nothing else. */
const onlyHttp2 = (
  host: string,
): string => `const net = require("net"), tls = require("tls"), http2 = require("http2");
const socket = net.connect(8888, "gate", () => socket.write("CONNECT ${host}:443 HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", () => {
  const secure = tls.connect({ socket, servername: "${host}", ALPNProtocols: ["h2"] });
  const fail = (error) => { console.log(error.code || error.message); process.exit(); };
  secure.once("error", fail).once("secureConnect", () => {
    const client = http2.connect("https://${host}", { createConnection: () => secure }).on("error", fail);
    client.request({ ":path": "/" }).on("error", fail).on("response", (headers) => { console.log(headers["x-version"]); process.exit(); });
  });
});`;

describe.skipIf(typeof found === "string")("a host that speaks HTTP/2", () => {
  let run: TestRun;
  let one: ShellSession;

  beforeAll(async () => {
    run = beginTestRun(engine);
    const base = await ensureScriptedClaude(engine);
    const authority = await makeTestAuthority([inspected, opaque]);
    one = await launchShellSession(run, {
      private: [inspected, opaque],
      inspect: [inspected],
      image: await buildTrustingImage(engine, {
        base,
        tag: run.name("http2"),
        ca: authority.ca,
        labels: run.labels,
      }),
    });
    for (const name of [inspected, opaque]) {
      const environment = { Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`] };
      const id = await one.addServer(name, { Cmd: ["node", "-e", server], ...environment });
      await awaitListening(engine, id);
    }
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  const say = async (command: string) => (await one.say(command)).output.trim();
  const node = (program: string) => say(`node --no-warnings -e '${program.replaceAll("'", `'\\''`)}'`);

  // Each with its control: without the gate's opening, the same command speaks HTTP/2
  test("is reached by curl, by HTTP/1.1 where the gate looks", async () => {
    const curl = (host: string) => say(`curl -sS -m 60 --http2 -w ' %{http_version}' https://${host}/`);
    expect(await curl(inspected)).toBe("came by 1.1 1.1");
    expect(await curl(opaque)).toBe("came by 2.0 2");
  });

  test("is reached by git", async () => {
    const git = (host: string) =>
      say(`git -c http.version=HTTP/2 ls-remote https://${host}/a.git 'refs/heads/*'`);
    expect(await git(inspected)).toBe(`${commit}\trefs/heads/v1`);
    expect(await git(opaque)).toBe(`${commit}\trefs/heads/v2`);
  });

  test("is reached by Node's fetch", async () => {
    expect(await node(`fetch("https://${inspected}/").then(async (a) => console.log(await a.text()))`)).toBe(
      "came by 1.1",
    );
  });

  test("is refused to a client of HTTP/2 alone, in its own words and with a line for the user", async () => {
    expect(await node(onlyHttp2(opaque))).toBe("2.0");
    expect(await node(onlyHttp2(inspected))).toMatch(/NO_APPLICATION_PROTOCOL/);
    const gate = await one.container("gate");
    // The engine may be slow to show what the gate has written
    let refused: string[];
    do {
      const { stdout } = await readFrames(readLogs(engine, gate, { follow: false }));
      refused = stdout.split("\n").filter((line) => line.includes('"verdict":"refused"'));
    } while (refused.length === 0);
    expect(refused.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        host: inspected,
        port: 443,
        code: "filter",
        reason: expect.stringContaining("the client speaks HTTP/2 only"),
      }),
    ]);
  });
});
