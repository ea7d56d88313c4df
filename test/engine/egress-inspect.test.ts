import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildImage } from "../../src/engine/build-image.ts";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { readFrames } from "../support/container-output.ts";
import { makeBottles } from "../support/egress-bottle.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { makeTestAuthority } from "../support/test-authority.ts";

// Needs: openssl
setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;

const server = `
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => { console.log("came " + request.url); response.end("got " + body.length); });
}).listen(443, () => console.log("listening"));
`;

/** Prints status and text of an answer, or why there is none; trusts what the bottle trusts. */
const client = `const [url, body, header] = process.argv.slice(1);
fetch(url, { method: body ? "POST" : "GET", ...(body ? { body } : {}), headers: header ? { authorization: header } : {} })
  .then(async (answer) => console.log(answer.status, await answer.text()), (error) => console.log(error.cause?.code ?? error.message));`;

/** Prints who signed the certificate that a host shows in the bottle. */
const issuer = `const host = process.argv[1];
const socket = require("net").connect(8888, "gate", () => socket.write("CONNECT " + host + ":443 HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", () => {
  const secure = require("tls").connect({ socket, servername: host, rejectUnauthorized: false }, () => {
    console.log(secure.getPeerCertificate().issuer.CN);
    process.exit(0);
  });
});`;

const secret = `AKIA${"IOSFODNN7EXAMPLE"}`;

const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(typeof found === "string").each(runtimes)("egress.inspect under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  const logs = new Map<string, string>();

  beforeAll(async () => {
    run = beginTestRun(engine);
    const authority = await makeTestAuthority(["inspected.test", "opaque.test"]);
    one = await launchShellSession(run, {
      private: ["inspected.test", "opaque.test"],
      inspect: [{ host: "inspected.test", by: "pipelock" }],
      runtime,
      pipelockImage: await trustingImage(authority.ca),
    });
    for (const name of ["inspected.test", "opaque.test"]) {
      const environment = { Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`] };
      const id = await one.addServer(name, { Cmd: ["node", "-e", server], ...environment });
      await awaitListening(engine, id);
      logs.set(name, id);
    }
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  /** The same stand-in for an inside where a test's own authority counts */
  async function trustingImage(ca: string): Promise<string> {
    const base = await filterForTests(engine);
    const tag = run.name("pipelock");
    const context = await makeTar([
      {
        path: "Dockerfile",
        mode: 0o644,
        content: "ARG BASE\nFROM ${BASE}\nCOPY ca.pem /etc/ssl/certs/ca-certificates.crt\n",
      },
      { path: "ca.pem", mode: 0o644, content: ca },
    ]);
    await buildImage(
      engine,
      { tag, labels: run.labels, buildArgs: { BASE: base }, context, noCache: true },
      () => undefined,
    );
    return tag;
  }

  const node = async (program: string, ...words: readonly string[]) => {
    const quoted = [program, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    return (await one.say(`node --no-warnings -e ${quoted.join(" ")}`)).output.trim();
  };
  const came = async (name: string) =>
    (await readFrames(readLogs(engine, logs.get(name) ?? "", { follow: false }))).stdout.match(/came /g)
      ?.length ?? 0;

  test("opens TLS of the listed host with the bottle's own CA, and of no other", async () => {
    expect(await node(issuer, "inspected.test")).toBe("claude-bottle inspection CA");
    expect(await node(issuer, "opaque.test")).toBe("test authority");
  });

  test("is trusted by what Node, OpenSSL and the system store trust", async () => {
    expect(await node(client, "https://inspected.test/")).toBe("200 got 0");
    const verify = "openssl s_client -proxy gate:8888 -connect inspected.test:443 -verify_return_error";
    expect((await one.say(`${verify}`)).output).toContain("Verify return code: 0 (ok)");
    const without = "env -u SSL_CERT_FILE -u NODE_EXTRA_CA_CERTS";
    const system = await one.say(`${without} ${verify} -CAfile /etc/ssl/certs/ca-certificates.crt`);
    expect(system.output).toContain("Verify return code: 0 (ok)");
    // The control: without either it is refused
    const alone = await one.say(`${without} ${verify} -CAfile /dev/null -CApath /nowhere -no-CAstore`);
    expect(alone.output).not.toContain("Verify return code: 0 (ok)");
  });

  test.each([
    ["body", "https://inspected.test/form", `k=${secret}`, ""],
    ["header", "https://inspected.test/", "x", `Bearer ${secret}`],
    ["address", `https://inspected.test/?k=${secret}`, "x", ""],
  ])("blocks a credential in the %s, and the same without it arrives", async (_where, url, body, header) => {
    const before = await came("inspected.test");
    expect(await node(client, url, body, header)).toStartWith("403 ");
    expect(await came("inspected.test")).toBe(before);
    const clean = [url, body, header].map((word) => word.replace(secret, "harmless"));
    expect(await node(client, ...clean)).toStartWith("200 got ");
    expect(await came("inspected.test")).toBe(before + 1);
  });

  test("sees nothing on any other host", async () => {
    const trusting = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; ${client}`;
    expect(await node(trusting, "https://opaque.test/", `k=${secret}`)).toStartWith("200 got ");
    expect(await came("opaque.test")).toBe(1);
  });

  test("keeps the CA that the bottle trusts when the gate is started again", async () => {
    await engine.send("POST", `/containers/${await one.container("gate")}/kill`);
    let answer: string;
    do answer = await node(client, "https://inspected.test/");
    while (answer !== "200 got 0");
    expect(await node(issuer, "inspected.test")).toBe("claude-bottle inspection CA");
  });

  test("leaves a host that is allowed later unopened", async () => {
    const bottles = makeBottles(run, one.plan.image.reference);
    const { session } = one.plan;
    await bottles.deny({ session, host: "opaque.test" });
    const outcome = await bottles.allow({ session, host: "opaque.test", isPrivate: true, forMs: undefined });
    expect(outcome.notes.join()).toContain("was restarted");
    expect(await node(issuer, "opaque.test")).toBe("test authority");
    expect(await node(issuer, "inspected.test")).toBe("claude-bottle inspection CA");
  });
});
