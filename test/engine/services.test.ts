/** Databases beside an agent: what it has of them, and what they can reach. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createContainer, listContainers, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { inspectNetwork } from "../../src/engine/networks.ts";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { ensureDatabaseClients, ensurePostgres, ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { patient } from "../support/patience.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
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

/** What answers does so at once. It is given the time that a busy machine needs, and only what is silent takes all of its time */
const answerSeconds = patient(30_000) / 1_000;
/** Says for each place whether anything answers there, be it a refusal, in order of the answers: by TCP, within so many seconds. */
const knock = (places: readonly string[], seconds = 2) => `for place in ${places.join(" ")}; do (
  said=$(timeout ${seconds} bash -c "exec 3<>/dev/tcp/\${place%:*}/\${place#*:}" 2>&1) || case $said in
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
    const control = await inAgent(one, knock([gate[0] ?? "", `${beside["db"]}:5432`], answerSeconds));
    expect(answers(control)).toEqual([`reached ${gate[0]}`, `reached ${beside["db"]}:5432`].toSorted());
    expect(await inAgent(other, knock([`${foreign["cache"]}:6379`], answerSeconds))).toContain("reached");
    const beneath = await one.container("gate");
    const fromGate = await runExec(engine, beneath, {
      command: ["bash", "-c", knock(host.slice(2), answerSeconds)],
    });
    expect(fromGate.stdout).toContain("reached");
    const open = [`${beside["cache"]}:6379`, `${beside["agent"]}:9`];
    expect(answers(await inService(one, "db", knock(open, answerSeconds)))).toEqual(
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
    const [ofOwn, ofOthers] = [knock([own], answerSeconds), knock(closed)];
    expect(answers(await inAgent(one, `${ofOwn}; ${ofOthers}`))).toEqual([
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
