import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createContainer, listContainers, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { inspectNetwork } from "../../src/engine/networks.ts";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { ensureDatabaseClients, ensurePostgres, ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { listLeft, makeSessionWorld, runCommand, spawnCommand } from "../support/scripted-session.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";

setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

/** What a project's own tests look like */
const program = `
import unittest, psycopg2, redis
class Databases(unittest.TestCase):
    def test_rows_are_kept(self):
        with psycopg2.connect("postgresql://postgres:dev@db/postgres") as connection, connection.cursor() as cursor:
            cursor.execute("create table if not exists notes (text varchar)")
            cursor.execute("insert into notes select 'note ' || n from generate_series(1, 1000) n")
            cursor.execute("select count(*) from notes")
            self.assertEqual(cursor.fetchone()[0] % 1000, 0)
    def test_a_key_expires(self):
        cache = redis.Redis(host="cache")
        self.assertTrue(cache.set("key", "value", px=1))
        self.assertTrue(cache.incr("counter") > 0)
unittest.main()
`;

/** Says for each place whether anything answers there, be it a refusal, in order of the answers: by TCP, within two seconds. */
const knock = (places: readonly string[]) => `for place in ${places.join(" ")}; do (
  said=$(timeout 2 bash -c "exec 3<>/dev/tcp/\${place%:*}/\${place#*:}" 2>&1) || case $said in
  *refused*) ;;
  *) echo "silent $place" && exit ;;
  esac
  echo "reached $place"
) & done; wait`;
const answers = (output: string) => output.split("\n").filter(Boolean).toSorted();
const silent = (places: readonly string[]) => places.map((place) => `silent ${place}`).toSorted();

describe.skipIf(typeof found === "string").each(runtimes)("services under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  let other: ShellSession;

  beforeAll(async () => {
    run = beginTestRun(engine);
    const image = await ensureDatabaseClients(engine, await ensureFakeClaude(engine));
    const services = {
      db: {
        image: await ensurePostgres(engine),
        env: { POSTGRES_PASSWORD: "dev" },
        ready: ["pg_isready", "-h", "127.0.0.1", "-U", "postgres"],
        data: "512m",
        after: ["cache"],
      },
      cache: { image: await ensureRedis(engine), limits: { memory: "64m" } },
    };
    one = await launchShellSession(run, { runtime, image, services });
    other = await launchShellSession(run, { runtime, image, services: { cache: services.cache } });
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await other?.bottle.destroy();
    await run.end();
  });

  const containerOf = async ({ plan }: ShellSession, service: string) => {
    const labels = [`${labelKeys.session}=${plan.session}`, `${labelKeys.service}=${service}`];
    return (await listContainers(engine, labels))[0]?.Id ?? "";
  };
  const inService = async (session: ShellSession, service: string, script: string) =>
    (await runExec(engine, await containerOf(session, service), { command: ["bash", "-c", script] })).stdout;
  const inAgent = async (session: ShellSession, script: string) =>
    (await session.run(["bash", "-c", script])).stdout;
  /** Addresses by the last word of the container's name, and the gateway's, in one of the bottle's networks */
  const addressesIn = async (session: ShellSession, network: string) => {
    const stem = `claude-bottle-${session.plan.bottleName}`;
    const { Containers, IPAM } = await inspectNetwork(engine, `${stem}-${network}`);
    const entries = Object.values(Containers ?? {}).map(({ Name, IPv4Address = "" }) => [
      Name === stem ? "agent" : Name.slice(Name.lastIndexOf("-") + 1),
      IPv4Address.replace(/\/.*/, ""),
    ]);
    return Object.fromEntries([...entries, ["gateway", IPAM?.Config?.[0]?.Gateway]]) as Record<
      string,
      string
    >;
  };

  test("PostgreSQL and Redis serve the agent's own tests", async () => {
    const { output, exitCode } = await one.say(
      `cat >/tmp/test.py <<'END'\n${program}END\npython3 /tmp/test.py`,
    );
    expect({ output, exitCode }).toMatchObject({ exitCode: 0 });
    expect(output).toContain("Ran 2 tests");
  });

  test("a service reaches its agent's network, and nothing else: no gate, no host, no other bottle", async () => {
    const [inside, outside, beside, foreign] = await Promise.all([
      addressesIn(one, "internal"),
      addressesIn(one, "egress"),
      addressesIn(one, "services"),
      addressesIn(other, "services"),
    ]);
    using server = Bun.listen({ hostname: "0.0.0.0", port: 0, socket: { data: () => undefined } });
    const gate = [`${inside["gate"]}:8888`, `${inside["gate"]}:8080`, `${outside["gate"]}:8888`];
    const host = [beside["gateway"], inside["gateway"], outside["gateway"]].map(
      (at) => `${at}:${server.port}`,
    );
    const others = [`${inside["agent"]}:9`, `${foreign["cache"]}:6379`, `${foreign["agent"]}:9`];
    const closed = [...gate, ...host, ...others];
    for (const service of ["db", "cache"])
      expect(answers(await inService(one, service, knock(closed)))).toEqual(silent(closed));
    // All of these listen: whoever stands where they can be reached gets an answer
    const control = await inAgent(one, knock([gate[0] ?? "", `${beside["db"]}:5432`]));
    expect(answers(control)).toEqual([`reached ${gate[0]}`, `reached ${beside["db"]}:5432`].toSorted());
    expect(await inAgent(other, knock([`${foreign["cache"]}:6379`]))).toContain("reached");
    const beneath = await one.container("gate");
    const fromGate = await runExec(engine, beneath, { command: ["bash", "-c", knock(host.slice(2))] });
    expect(fromGate.stdout).toContain("reached");
    const open = [`${beside["cache"]}:6379`, `${beside["agent"]}:9`];
    expect(answers(await inService(one, "db", knock(open)))).toEqual(
      open.map((place) => `reached ${place}`).toSorted(),
    );
  });

  test("an agent reaches its own services and no other bottle's", async () => {
    const [beside, foreign] = await Promise.all([
      addressesIn(one, "services"),
      addressesIn(other, "services"),
    ]);
    const closed = [`${foreign["cache"]}:6379`, `${foreign["agent"]}:9`, `${beside["gateway"]}:9`];
    const own = `${beside["cache"]}:6379`;
    expect(answers(await inAgent(one, knock([...closed, own])))).toEqual([
      `reached ${own}`,
      ...silent(closed),
    ]);
  });

  test("an agent's kernel passes no packet on between its two networks", async () => {
    const read = ["cat", "/proc/sys/net/ipv4/ip_forward"];
    const { id } = await createContainer(engine, run.name(`plain-${runtime}`), {
      Image: await imageForTests(engine),
      Entrypoint: ["sleep", "300"],
      Labels: run.labels,
      HostConfig: { NetworkMode: `claude-bottle-${one.plan.bottleName}-services` },
    });
    await startContainer(engine, id);
    // The control: what every other container of the engine has
    expect((await runExec(engine, id, { command: read })).stdout.trim()).toBe("1");
    expect((await one.run(read)).stdout.trim()).toBe("0");
  });

  test("a service has five capabilities, a root that it cannot write to, and names nobody answers for", async () => {
    const status = await inService(one, "db", "grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status");
    // CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID
    expect(status).toContain("CapBnd:\t00000000000000cb");
    if (runtime === "runc") expect(status).toContain("NoNewPrivs:\t1");
    const tries = {
      "touch /etc/x": "Read-only file system",
      "touch /usr/local/bin/x": "Read-only file system",
      "mount -t tmpfs none /mnt": "denied|not permitted|must be superuser",
      "perl -e 'socket($_, 2, 3, 1) or die $!'": "not permitted",
      "perl -e 'socket($_, 17, 3, 0) or die $!'": "not permitted",
      "getent hosts example.invalid || echo none": "none",
    };
    for (const [attempt, answer] of Object.entries(tries))
      expect({ attempt, said: await inService(one, "db", `{ ${attempt}; } 2>&1`) }).toEqual({
        attempt,
        said: expect.stringMatching(new RegExp(answer)),
      });
    const running = await inService(one, "db", "grep -h ^CapEff /proc/[0-9]*/status | sort -u; id -un");
    expect(running).toContain("CapEff:\t0000000000000000");
    expect((await inService(one, "db", "ls -ld /var/lib/postgresql/data")).slice(0, 10)).toBe("drwx------");
  });

  test("a log, a command in it and a new start", async () => {
    const { session } = one.plan;
    const signal = new AbortController().signal;
    const log = await Array.fromAsync(
      one.bottles.readServiceLog({ session, service: "db", isFollowing: false, signal }),
    );
    expect(log.map(({ text }) => text).join("\n")).toContain("database system is ready");
    expect(log[0]?.time).toMatch(/^20/);
    await inAgent(one, "redis-cli -h cache set before restart");
    await one.bottles.restartService({ session, service: "cache", signal });
    expect(await inAgent(one, "redis-cli -h cache ping; redis-cli -h cache exists before")).toBe("PONG\n0\n");
  });
});

describe.skipIf(typeof found === "string")("a service that does not come up", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("is told with its last lines, and leaves nothing", async () => {
    const services = { db: { image: await ensurePostgres(engine), ready: ["pg_isready"] } };
    const failure = await launchShellSession(run, { services }).then(
      () => undefined,
      (error: unknown) => error as { message: string; details: string[] },
    );
    expect(failure?.message).toContain('Cannot start service "db": it ended with exit code');
    expect(failure?.details.join("\n")).toContain("POSTGRES_PASSWORD: is not set");
    const [label] = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
    expect(await listContainers(engine, [label ?? ""])).toEqual([]);
  });
});

describe.skipIf(typeof found === "string")("data that is kept", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("is there in the next session, and for one bottle at a time", async () => {
    const image = await ensureDatabaseClients(engine, await ensureFakeClaude(engine));
    const command = ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--appendonly", "yes"];
    const services = { cache: { image: await ensureRedis(engine), command, keep: true } };
    const dataKey = run.name("data");
    const first = await launchShellSession(run, { image, services, dataKey });
    await first.say("redis-cli -h cache set key kept");
    const refused = await launchShellSession(run, { image, services, dataKey }).then(
      () => "started",
      (error: unknown) => (error as Error).message,
    );
    expect(refused).toContain(`the bottle "${first.plan.bottleName}" uses its kept data`);
    await first.bottle.destroy();
    const second = await launchShellSession(run, { image, services, dataKey });
    expect((await second.say("redis-cli -h cache get key")).output.trim()).toBe("kept");
    // It is told at the end
    await second.say("redis-cli -h cache shutdown nosave");
    const { incidents } = await second.end();
    expect(incidents).toEqual([
      expect.stringContaining("Service cache ended before the session; it said last:"),
    ]);
    await second.bottle.destroy();
    const third = await launchShellSession(run, { image, services, dataKey: run.name("other") });
    expect((await third.say("redis-cli -h cache exists key")).output.trim()).toBe("0");
    const inUse = await third.bottles.findKeptData();
    await third.bottle.destroy();
    // Two of this test: that of the first two bottles is free while the third runs
    const own = (names: readonly { readonly name: string }[]) =>
      names.filter(({ name }) => name.startsWith("claude-bottle-data-egress-cache-")).length;
    const free = await third.bottles.findKeptData();
    expect(own(free) - own(inUse)).toBe(1);
    expect(await third.bottles.removeLeftovers(free.filter((one) => own([one]) === 1))).toEqual([]);
    expect(own(await third.bottles.findKeptData())).toBe(0);
  });
});

describe.skipIf(typeof found === "string")("services of a compose file, from the command line", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("serve a session, are there for its time alone, and are told of in full", async () => {
    const image = await ensureScriptedClaude(engine);
    const world = await makeSessionWorld(run, image, "runc");
    try {
      const redis = await ensureRedis(engine);
      await writeFile(
        join(world.home, "services.yml"),
        `services:\n  cache:\n    image: ${redis}\n    ports: ["6379:6379"]\n`,
      );
      const manifest = { bottles: { b: { compose: "services.yml" } }, agents: { hello: { bottle: "b" } } };
      await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
      const plan = await runCommand(world, ["start", "hello", "--empty", "--dry-run"]);
      expect(plan.stdout).toContain("~/services.yml:4  cache.ports is not taken: nothing is published");
      // Whoever names it, the file is somebody else's until it was approved
      const refused = await runCommand(world, ["start", "hello", "--empty", "--yes", "--", "-c", "true"]);
      expect(refused.stderr).toContain("was not approved");
      const script = String.raw`exec 3<>/dev/tcp/cache/6379; printf "PING\r\n" >&3; head -n 1 <&3 | tr -d "\r"; echo $NO_PROXY | grep -o cache`;
      const flags = ["--empty", "--yes", "--trust-project"];
      const { stdout, exitCode } = await runCommand(world, ["start", "hello", ...flags, "--", "-c", script]);
      expect([stdout, exitCode]).toEqual(["+PONG\ncache\n", 0]);
      expect(await listLeft(engine, run)).toEqual([]);
    } finally {
      await world.remove();
    }
  });

  test("are used by who looks into a running bottle, and go with a launcher that is killed", async () => {
    const image = await ensureScriptedClaude(engine);
    const world = await makeSessionWorld(run, image, "runc");
    try {
      const services = { cache: { image: await ensureRedis(engine), keep: true } };
      const manifest = { bottles: { b: { services } }, agents: { hello: { bottle: "b" } } };
      await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
      const launcher = spawnCommand(world, [
        "start",
        "hello",
        "--empty",
        "--yes",
        "--",
        "-c",
        "echo up; sleep 300",
      ]);
      const reader = launcher.stdout.getReader();
      await reader.read();
      const logs = await runCommand(world, ["logs", "hello", "cache"]);
      expect(logs.stdout).toContain("Ready to accept connections");
      const set = ["exec", "hello", "--service", "cache", "--", "redis-cli", "set", "a", "b"];
      expect(await runCommand(world, set)).toMatchObject({ stdout: "OK\n", exitCode: 0 });
      const restarted = await runCommand(world, ["restart", "hello", "--service", "cache"]);
      expect(restarted).toMatchObject({
        stderr: expect.stringContaining("Restarted cache of hello-"),
        exitCode: 0,
      });
      const get = await runCommand(world, [
        "exec",
        "hello",
        "--service",
        "cache",
        "--",
        "redis-cli",
        "get",
        "a",
      ]);
      // Redis has written it down when it was asked to end
      expect(get.stdout).toBe("b\n");
      const none = await runCommand(world, ["logs", "hello", "cach"]);
      expect(none.stderr).toContain('Did you mean "cache"?');
      launcher.kill("SIGKILL");
      await launcher.exited;
      await reader.cancel();
      let left = await listLeft(engine, run);
      while (left.some((name) => !name.includes("-data-"))) left = await listLeft(engine, run);
      // What is kept belongs to no session
      expect(left).toEqual([expect.stringMatching(/^claude-bottle-data-b-cache-[0-9a-f]{16}-0$/)]);
    } finally {
      await world.remove();
    }
  });
});
