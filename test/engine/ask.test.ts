/** An agent asks for a host from inside its bottle: the user sees it, answers from outside, and the agent goes on. */
import type { EgressRecord } from "../../src/protocol/egress-record.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript, echoServer } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "../support/run-source.ts";
import { chooseRuntime, findRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { openPty } from "../support/session/pty.ts";
import { aFolder, putFiles } from "../support/temporary.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await findRuntimes(engine);
/** Listens on two ports */
const database =
  'const { createServer } = require("net"); createServer().listen(5433); createServer().listen(5432, () => console.log("listening"));';
let run: TestRun;

beforeAll(() => {
  if (typeof found !== "string") run = beginTestRun(engine);
});
afterAll(() => run?.end());

describe.skipIf(typeof found === "string").each(runtimes)("an agent under %s", (runtime) => {
  let one: EgressBottle;
  beforeAll(async () => {
    one = await launchEgressBottle(run, { runtime });
    for (const name of ["later.test", "never.test"]) {
      await awaitListening(engine, await one.addServer(name, { Cmd: echoServer }));
    }
    await awaitListening(engine, await one.addServer("db.test", { Cmd: ["node", "-e", database] }));
  });
  afterAll(() => one.bottle.destroy());
  const request = (host: string, ...more: string[]) =>
    one.run(["bottle-request", host, "--reason", "to install the packages", ...more]);
  const reach = async (host: string, port = 443) => (await one.run(connectScript(host, port))).stdout.trim();
  const other = async () => makeBottles(run, await imageForTests(engine));
  const records = async () => {
    const all: EgressRecord[] = [];
    const signal = new AbortController().signal;
    const log = (await other()).readEgress({ session: one.plan.session, isFollowing: false, signal });
    for await (const record of log) all.push(record);
    return all;
  };
  const isOpen = async (host: string) =>
    (await (await other()).readDetails(one.plan.session)).asks?.some((ask) => ask.host === host);
  const awaitOpen = async (host: string) => {
    while (!(await isOpen(host))) await Bun.sleep(100);
  };

  test("asks, waits, and goes on after a yes; it reaches the host only then", async () => {
    const asking = request("later.test");
    await awaitOpen("later.test");
    expect(await reach("later.test")).toBe("not-allowed");
    const { session } = one.plan;
    await (await other()).allow({ session, host: "later.test", isPrivate: true, forMs: undefined });
    expect(await asking).toMatchObject({
      exitCode: 0,
      stdout: "later.test:443 is allowed. Try again now.\n",
      stderr: "",
    });
    // The control: after the yes the same connection is open
    expect(await reach("later.test")).toBe("200");
    expect(await isOpen("later.test")).toBe(false);
    expect((await records()).filter((record) => record.kind === "ask").map((record) => record.code)).toEqual([
      "open",
      "allowed",
    ]);
  });

  test("is told of a no at once and for good, and reaches nothing", async () => {
    const asking = request("never.test");
    await awaitOpen("never.test");
    await (await other()).deny({ session: one.plan.session, host: "never.test" });
    expect(await asking).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("has blocked never.test:443"),
    });
    expect(await request("never.test")).toMatchObject({ exitCode: 1 });
    expect(await reach("never.test")).toBe("not-allowed");
  });

  test("asks for another port and another protocol, and gets that port alone", async () => {
    const asking = request("db.test:5432", "--kind", "tcp");
    await awaitOpen("db.test");
    const { session } = one.plan;
    const asks = (await (await other()).readDetails(session)).asks ?? [];
    expect(asks.find((ask) => ask.host === "db.test")).toMatchObject({ port: 5432, protocol: "tcp" });
    expect(await reach("db.test", 5432)).toBe("not-allowed");
    const allowed = { session, host: "db.test", isPrivate: true, forMs: undefined };
    await (await other()).allow({ ...allowed, port: 5432, protocol: "tcp" });
    expect(await asking).toMatchObject({ exitCode: 0, stdout: "db.test:5432 is allowed. Try again now.\n" });
    expect(await reach("db.test", 5432)).toBe("200");
    expect(await reach("db.test", 5433)).toBe("wrong-port");
    await (await other()).undo({ session, host: "db.test", port: 5432 });
    expect(await reach("db.test", 5432)).toBe("not-allowed");
  });

  test("hears when there is no answer yet, and the request stands", async () => {
    // The control of the next test: a request that is in order is shown to the user
    expect(await request("nobody.test", "--wait", "0")).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining("has not answered yet"),
    });
    expect(await isOpen("nobody.test")).toBe(true);
  });

  test("cannot ask for what may never be allowed or read, nor flood whoever reads", async () => {
    const before = (await records()).filter((record) => record.kind === "ask").length;
    const hosts = [
      "169.254.169.254",
      "localhost",
      "gate",
      "*.com",
      "gіthub.com",
      "a.test:22",
      "a\u001b]0;x\u0007.test",
    ];
    for (const host of hosts) expect(await request(host)).toMatchObject({ exitCode: 1 });
    expect(await one.run(["bottle-request", "a.test", "--reason", "\u001b[2J"])).toMatchObject({
      exitCode: 1,
    });
    expect(await one.run(["bottle-request", "a.test"])).toMatchObject({ exitCode: 2 });
    expect((await records()).filter((record) => record.kind === "ask")).toHaveLength(before);
    const flood =
      'for one in $(seq 40); do curl -s -m 20 -d "{\\"host\\":\\"f$one.test\\",\\"reason\\":\\"x\\",\\"wait\\":0}" http://gate:8891/ask & done; wait';
    await one.run(["sh", "-c", flood]);
    const opened = (await records()).filter((record) => record.kind === "ask" && record.code === "open");
    expect(opened.length).toBeLessThanOrEqual(8);
    // The gate itself goes on
    expect(await reach("later.test")).toBe("200");
  });
});

describe.skipIf(typeof found === "string")("whoever sits at a session", () => {
  test("is told by title, notification and bell, in the session and where it was joined, and answers by commands", async () => {
    const home = await aFolder();
    await putFiles(home, {
      "claude-bottle.json": JSON.stringify({ bottles: { b: {} }, agents: { a: { bottle: "b" } } }),
    });
    await chooseRuntime(engine, home, "runc");
    const env = {
      CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
      CLAUDE_BOTTLE_LABELS: Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "",
      CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    };
    const options = { cwd: home, home, env };
    // The plan shows the words of the script
    const script =
      'echo dr""awn; read x; bottle-request npm.example.org --reason "to install leftpad"; echo "code $?"; read x';
    const open = (words: readonly string[]) =>
      openPty([...sourceCommand, ...words], {
        cwd: home,
        env: { ...makeSourceEnvironment(options), TERM: "xterm-256color" },
        columns: 100,
        rows: 30,
      });
    const session = open(["start", "a", "--yes", "--empty", "--", "-c", script]);
    await session.waitFor("drawn");
    const joined = open(["attach"]);
    await joined.waitFor("Ctrl-] d detaches");
    session.type("\r");
    const told = /^a-\w+ asks for npm\.example\.org: claude-bottle allow a-\w+ npm\.example\.org/;
    for (const one of [session, joined]) {
      while (!one.titles().some((title) => told.test(title))) await Bun.sleep(100);
      expect(one.titles().some((title) => told.test(title.replace("9;", "")))).toBe(true);
      expect(one.titles().filter((title) => title.startsWith("9;"))).toHaveLength(1);
    }
    const before = session.screen();
    expect(before).not.toContain("asks for");
    const list = await runSource(["list"], options);
    expect(list.stdout).toContain("asks for 1 host");
    const egress = await runSource(["egress", "a"], options);
    expect(egress.stdout).toMatch(/npm\.example\.org:443 +the agent asks: "to install leftpad"; opens: /);
    expect((await runSource(["allow", "a", "npm.example.org"], options)).exitCode).toBe(0);
    await session.waitFor("code 0");
    session.type("\r");
    expect(await session.exitCode).toBe(0);
    await joined.exitCode;
  });
});
