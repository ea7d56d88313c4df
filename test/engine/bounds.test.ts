import type { EgressRecord } from "../../src/protocol/egress-record.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readFrames } from "../support/container-output.ts";
import { makeBottles } from "../support/egress-bottle.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { buildTrustingImage } from "../support/session/trusting-image.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { makeTestAuthority } from "../support/test-authority.ts";

// Needs: openssl
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

const closed = "closed.test";
const opened = "opened.test";
const free = "free.test";
/** Says how many bytes of body it has got so far, as they come */
const sink = `
let bytes = 0;
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (incoming, answer) => {
  incoming.on("data", (chunk) => console.log("got", (bytes += chunk.length)));
  incoming.on("error", () => {});
  incoming.on("end", () => answer.end("done\\n"));
}).listen(443, () => console.log("listening"));
`;

describe.skipIf(base === undefined).each(runtimes)("what hosts may be sent, under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  const servers = new Map<string, string>();

  beforeAll(async () => {
    run = beginTestRun(engine);
    const authority = await makeTestAuthority([closed, opened, free]);
    one = await launchShellSession(run, {
      private: [closed, opened, free],
      inspect: [opened],
      bounds: [
        { host: closed, uploadBytes: 200_000 },
        { host: opened, uploadBytes: 200_000, requests: 3 },
      ],
      runtime,
      image: await buildTrustingImage(engine, {
        base: base ?? "",
        tag: run.name(`bounding-${runtime}`),
        ca: authority.ca,
        labels: run.labels,
      }),
    });
    for (const name of [closed, opened, free]) {
      const Env = [`KEY=${authority.key}`, `CERT=${authority.cert}`];
      const id = await one.addServer(name, { Cmd: ["node", "-e", sink], Env });
      await awaitListening(engine, id);
      servers.set(name, id);
    }
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  const send = async (bytes: number, host: string, more = "") =>
    (await one.say(`head -c ${bytes} /dev/zero | curl -sS -m 60 ${more} --data-binary @- https://${host}/`))
      .output;
  const got = async (host: string) => {
    const { stdout } = await readFrames(readLogs(engine, servers.get(host) ?? "", { follow: false }));
    return Number(/(\d+)\n$/.exec(stdout)?.[1] ?? 0);
  };
  const other = async () => makeBottles(run, await imageForTests(engine));
  const records = async () => {
    const all: EgressRecord[] = [];
    const signal = new AbortController().signal;
    const log = (await other()).readEgress({ session: one.plan.session, isFollowing: false, signal });
    for await (const record of log) if (record.kind === "bound") all.push(record);
    return all;
  };

  test("is blocked beyond the bound where nobody looks inside, and raised while it runs", async () => {
    expect(await send(50_000, closed)).toBe("done\n");
    expect(await send(1_000_000, closed)).not.toBe("done\n");
    expect(await got(closed)).toBeLessThanOrEqual(200_000);
    expect(await send(10, closed)).toContain("403");
    expect((await records()).map((record) => [record.host, record.code])).toEqual([[closed, "reached"]]);
    // The control: a host without a bound gets all of it
    expect(await send(1_000_000, free)).toBe("done\n");
    expect(await got(free)).toBe(1_000_000);
    const { session } = one.plan;
    const outcome = await (await other()).changeBound({ session, host: closed, uploadBytes: 5_000_000 });
    expect(outcome.bounds).toMatchObject([{ what: "upload", limit: 5_000_000 }]);
    expect(await send(1_000_000, closed)).toBe("done\n");
  });

  test("is blocked beyond the bound where TLS is opened, by bytes and by requests", async () => {
    expect(await send(10, opened)).toBe("done\n");
    // Announced, so that nothing of it goes
    expect(await send(300_000, opened)).toContain("has been sent all that this session may send it");
    expect(await got(opened)).toBe(10);
    const { session } = one.plan;
    await (await other()).changeBound({ session, host: opened, uploadBytes: 50_000_000 });
    expect(await send(10, opened)).toBe("done\n");
    expect(await send(10, opened)).toBe("done\n");
    expect(await send(10, opened)).toContain("3 requests");
    await (await other()).changeBound({ session, host: opened, requests: 5 });
    expect(await send(300_000, opened)).toBe("done\n");
  });
});
