import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { makeCertificates } from "../support/certificates.ts";
import type { Certificates } from "../support/certificates.ts";
import { failureOf } from "../support/failure.ts";
import { always, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import type { FakeDaemon, Script } from "../support/fake-daemon.ts";

// Needs: openssl

let folder: string;
let ours: Certificates;
let others: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/tls-`);
  [ours, others] = await Promise.all([
    makeCertificates(`${folder}/ours`),
    makeCertificates(`${folder}/others`),
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const upgrade: Script = async (connection, request) => {
  if (request.headers["upgrade"] === undefined) return always(200, { ok: true })(connection, request);
  await connection.send(`${upgradeHead}early`);
  await connection.send(` ${await connection.receive()}`);
  connection.end();
};

function startDaemon(): Promise<FakeDaemon> {
  return startFakeDaemon(upgrade, { server: ours.server, client: ours.client });
}

/** The same place, seen by somebody with other files. */
function withTls(daemon: FakeDaemon, tls: Certificates["client"]): Engine {
  if (daemon.endpoint.kind !== "tcp") throw new Error("The daemon listens on a socket");
  return makeEngine({ ...daemon.endpoint, tls }, "1.41", "1");
}

/** Runs the two transports, fetch and node:https, each of which has its own TLS. */
async function bothFail(engine: Engine): Promise<void> {
  expect((await failureOf(engine.json("GET", "/x"))).code).toBe("engine-unreachable");
  expect((await failureOf(engine.hijack("/attach"))).code).toBe("engine-unreachable");
}

describe("an engine behind TLS", () => {
  test("answers requests and hands connections over", async () => {
    await using daemon = await startDaemon();
    expect(await daemon.engine.json<unknown>("GET", "/x")).toEqual({ ok: true });
    const stream = await daemon.engine.hijack("/attach");
    await stream.write("typed");
    let text = "";
    for await (const chunk of stream.output) text += Buffer.from(chunk).toString();
    expect(text).toBe("early typed");
  });

  test.each([
    [404, { message: "No such container: \u001bc" }, "No such container: \\x1bc"],
    [400, { message: "bad parameter" }, "bad parameter"],
    [200, { message: "hello" }, "status 200 where a stream was expected"],
  ])("does not hand over with %d, and says why", async (status, body, shown) => {
    await using daemon = await startFakeDaemon(always(status, body), {
      server: ours.server,
      client: ours.client,
    });
    const error = await failureOf(daemon.engine.hijack("/attach", { action: "attach" }));
    expect(error).toMatchObject({ message: `Cannot attach: ${shown}`, status });
  });

  test("is not spoken to when another authority vouches for it", async () => {
    await using daemon = await startDaemon();
    await bothFail(withTls(daemon, { ...ours.client, ca: others.client.ca }));
    expect(daemon.requests).toEqual([]);
  });

  test("is not spoken to when nobody vouches for it, even if the environment says not to look", async () => {
    await using daemon = await startDaemon();
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await bothFail(withTls(daemon, { cert: ours.client.cert, key: ours.client.key }));
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    expect(daemon.requests).toEqual([]);
  });

  test("is not spoken to under a name that its certificate does not bear", async () => {
    await using daemon = await startFakeDaemon(upgrade, { server: ours.elsewhere, client: ours.client });
    await bothFail(daemon.engine);
    expect(daemon.requests).toEqual([]);
  });

  test("learns who we are", async () => {
    await using daemon = await startDaemon();
    await bothFail(withTls(daemon, { ...ours.client, cert: others.client.cert, key: others.client.key }));
    expect(daemon.requests).toEqual([]);
  });
});
