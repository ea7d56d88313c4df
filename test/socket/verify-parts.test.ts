/** What `verify` needs of an engine before it can say anything: a canary that hears, and the right places to aim at. */
import { knock } from "../../src/bottle/verify/knock.ts";
import { CanaryReports } from "../../src/bottle/verify/canary-reports.ts";
import { describe, expect, test } from "bun:test";
import { startCanary } from "../../src/bottle/verify/canary.ts";
import { makeTargets } from "../../src/bottle/verify/targets.ts";
import { makeProgram } from "../../src/bottle/docker/part.ts";
import { programCommand } from "../../src/sidecar/programs.ts";
import { makeCanary } from "../../src/bottle/docker/canary.ts";
import { readAddresses } from "../../src/bottle/docker/scene.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Scope } from "../../src/core/scope.ts";
import type { Destination } from "../../src/plan/egress-plan.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { renderFrame, renderReply, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan, anSshPlan, aSource } from "../support/manifests.ts";

interface Task {
  readonly kind: string;
  readonly name: string;
  readonly host?: string;
  readonly server?: string;
  readonly token?: string;
}

/** A daemon on which the canary hears what it is knocked at with, as far as `hears` says, and so many steps later. */
function startHearing(reports: () => CanaryReports, hears: (task: Task) => boolean): Promise<FakeDaemon> {
  return startFakeDaemon(async (connection, { path, method }) => {
    if (!path.endsWith("/start") || !path.includes("/exec/")) {
      await connection.send(
        method === "GET" ? renderReply(200, { ExitCode: 0 }) : renderReply(201, { Id: "e" }),
      );
      return connection.end();
    }
    await connection.send(upgradeHead);
    const tasks = tasksIn(String(await connection.receive()));
    connection.end();
    // Its report comes by another stream, after the knock's own end
    setTimeout(() => {
      for (const { name } of tasks.filter(hears))
        reports().take({ event: "hit", kind: "tcp", from: "x", text: `GET /${name}` });
    }, 120);
  });
}

const knockerOf = (engine: Engine, name: string) => ({ name, run: makeProgram(engine, name).run });

function tasksIn(input: string): Task[] {
  const line = input.split("\n").find((one) => one.includes("knock-")) ?? "{}";
  const value = JSON.parse(line) as { readonly tasks?: Task[] } | Task[];
  return Array.isArray(value) ? value : (value.tasks ?? []);
}

describe("knocking at a canary", () => {
  const places = [{ host: "192.0.2.1", port: 7 }];

  test("is well once every way has been heard, however much later than the knock itself", async () => {
    const reports = new CanaryReports();
    await using daemon = await startHearing(
      () => reports,
      () => true,
    );
    await knock({
      from: knockerOf(daemon.engine, "c"),
      user: "0:0",
      places,
      dnsServer: "192.0.2.2",
      reports,
    });
    const exec = JSON.parse(daemon.requests[0]?.body.toString() ?? "{}");
    expect(exec).toMatchObject({ User: "0:0", AttachStdin: true });
  });

  test.each<[string, object, string]>([
    ["tcp", {}, "tcp"],
    ["udp", {}, "udp"],
    ["dns", { dnsServer: "192.0.2.2" }, "dns"],
  ])(
    "fails where what comes by %s is not heard: its silence would prove nothing",
    async (deafFor, more, named) => {
      const reports = new CanaryReports();
      await using daemon = await startHearing(
        () => reports,
        ({ kind }) => kind !== deafFor,
      );
      const { message } = await failureOf(
        knock({ from: knockerOf(daemon.engine, "c\u001b"), user: "0:0", places, reports, ...more }),
      );
      expect(message).toBe(
        `Cannot verify the bottle: a canary did not hear its own command knock from "c\\x1b" by ${named}`,
      );
    },
  );

  test("asks by datagram and by name only where it is to hear those", async () => {
    const reports = new CanaryReports();
    const kinds: string[] = [];
    const hears = ({ kind }: Task) => kinds.push(kind) > 0;
    await using daemon = await startHearing(() => reports, hears);
    await knock({ from: knockerOf(daemon.engine, "c"), user: "0:0", places, udp: false, reports });
    expect(kinds).toEqual(["tcp"]);
  });

  test("uses a text of its own each time, so that no earlier knock is taken for this one", async () => {
    const names: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const reports = new CanaryReports();
      await using daemon = await startHearing(
        () => reports,
        ({ name }) => names.push(name) > 0,
      );
      await knock({ from: knockerOf(daemon.engine, "c"), user: "0:0", places, reports });
    }
    expect(new Set(names).size).toBe(4);
  });
});

describe("a canary's container", () => {
  const options = { name: "canary", image: "image", labels: {}, network: "net" };

  test.each([
    [false, []],
    [true, ["NET_BIND_SERVICE"]],
  ])("has no capability but the one for port 53, with names to answer: %p", async (dns, CapAdd) => {
    await using daemon = await startFakeDaemon(async (connection, { path }) => {
      if (path.endsWith("/attach")) {
        await connection.send(upgradeHead);
        await connection.receive();
        await connection.send(renderFrame("stdout", "cannot listen\u001b\n"));
        return connection.end();
      }
      await connection.send(renderReply(path.endsWith("/create") ? 201 : 204, { Id: "canary" }));
      connection.end();
    });
    const scope = new Scope();
    const listener = await makeCanary(
      daemon.engine,
      { ...options, command: programCommand, hearsNames: dns },
      scope,
    );
    const { message } = await failureOf(startCanary("canary", listener, { port: 0 }));
    expect(message).toBe("Cannot verify the bottle: a canary ended: cannot listen\\x1b");
    const create = daemon.requests.find(({ path }) => path.endsWith("/create"));
    expect(JSON.parse(create?.body.toString() ?? "{}")).toMatchObject({
      Image: "image",
      Entrypoint: [],
      OpenStdin: true,
      HostConfig: {
        CapDrop: ["ALL"],
        CapAdd,
        NetworkMode: "net",
        ReadonlyRootfs: true,
        Memory: 256 * 1024 * 1024,
        PidsLimit: 64,
        LogConfig: { Type: "none" },
      },
    });
    await scope.close();
    expect(daemon.requests.at(-1)?.method).toBe("DELETE");
  });
});

describe("what a probe aims at", () => {
  const networks: Readonly<Record<string, object>> = {
    "s-internal": {
      IPAM: { Config: [{ Gateway: "10.0.0.1" }, { Gateway: "fd00::1" }] },
      Containers: { a: { Name: "s-gate", IPv4Address: "10.0.0.2/29" } },
    },
    "s-egress": { IPAM: { Config: [{ Gateway: "10.0.1.1" }] } },
    "o-internal": {
      Containers: {
        a: { Name: "o", IPv4Address: "10.0.2.3/29" },
        b: { Name: "o-gate", IPv4Address: "10.0.2.2/29" },
      },
    },
  };
  const canaries = { "s-egress": { Containers: { c: { Name: "stem-egress", IPv4Address: "10.0.1.9/29" } } } };

  async function targetsOf(plan: Partial<BottlePlan> = {}, runtime?: string) {
    await using daemon = await startFakeDaemon(async (connection, { path }) => {
      const name = path.replace(/^.*\//, "");
      await connection.send(
        renderReply(200, { ...networks[name], ...(name === "s-egress" ? canaries["s-egress"] : {}) }),
      );
      connection.end();
    });
    const subject = { stem: "stem", gate: "s-gate", internal: "s-internal", egress: "s-egress" };
    const sibling = { agent: "o", gate: "o-gate", internal: "o-internal" };
    return makeTargets({
      plan: aPlan(plan),
      addresses: await readAddresses(daemon.engine, subject, sibling),
      host: { port: 1, addresses: ["192.0.2.1", "10.0.0.1"] },
      egress: { port: 2 },
      sibling: { port: 3 },
      isGvisor: runtime === "runsc",
    });
  }

  test("are both gateways and the host's own addresses, once each, the canaries and the other bottle", async () => {
    const { token, ...rest } = await targetsOf();
    expect(token).toMatch(/^cb[0-9a-f]{16}$/);
    expect(rest).toMatchObject({
      host: { port: 1, addresses: ["10.0.0.1", "10.0.1.1", "192.0.2.1"], ipv6: ["fd00::1"] },
      egress: { address: "10.0.1.9", port: 2 },
      sibling: { agent: "10.0.2.3", gate: "10.0.2.2", port: 3 },
      gate: { address: "10.0.0.2", proxyPort: 8888 },
      granted: undefined,
      isGvisor: false,
    });
    expect((await targetsOf({}, "runsc")).isGvisor).toBe(true);
  });

  test("are all ports of the gate that this plan gives no use, and no port that it does", async () => {
    const portsOf = async (plan: Partial<BottlePlan>) => (await targetsOf(plan)).gate.otherPorts;
    const bare = await portsOf({ auth: "env" });
    expect(bare).not.toContain(8888);
    expect(new Set(bare).size).toBe(bare.length);
    for (const port of [8889, 9091, 9092, 22, 53, 80, 443, 3128, 8000, 9229]) expect(bare).toContain(port);
    const withApi = await portsOf({ auth: "gate" });
    const withAgent = await portsOf({ auth: "env", ssh: [anSshPlan()] });
    expect([withApi.length, withAgent.length]).toEqual([bare.length - 1, bare.length - 1]);
    expect(withApi).not.toEqual(withAgent);
  });

  test("are a granted host that is one name and speaks TLS, if there is one", async () => {
    const of = (host: string, protocol: Destination["protocol"]): Destination => ({
      host,
      port: 443,
      protocol,
      isPrivate: false,
      isInspected: false,
      origin: { kind: "manifest", source: aSource() },
    });
    const destinations = [
      of("ssh.test", "ssh"),
      of("*.w.test", "tls"),
      of("a.test", "tls"),
      of("b.test", "tls"),
    ];
    expect((await targetsOf({ egress: { ...aPlan().egress, destinations } })).granted).toBe("a.test");
  });
});
