/** What an agent's container and both networks are made of, as the engine is asked for them, and what becomes of ranges that are taken. */
import { describe, expect, test } from "bun:test";
import { seccompProfiles } from "../../src/bottle/docker/seccomp.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { startEchoDaemon } from "../support/echo-daemon.ts";
import { renderReply } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan } from "../support/manifests.ts";
import { createdOn, launchOn } from "../support/sidecar-daemon.ts";

const stem = "claude-bottle-helper-k3f9q2";
const planOf = (differences: Partial<BottlePlan> = {}) =>
  aPlan({
    hasTerminal: false,
    egress: { filter: "builtin", pipelockImage: undefined, destinations: [] },
    ...differences,
  });

interface Agent {
  readonly Cmd: readonly string[];
  readonly Hostname: string;
  readonly Env: readonly string[];
  readonly HostConfig: { readonly NanoCpus?: number };
}

async function launchAgent(differences: Partial<BottlePlan> = {}): Promise<Agent> {
  await using daemon = await startEchoDaemon();
  await launchOn({ daemon }, planOf(differences));
  return createdOn<Agent>({ daemon }, "");
}

interface MadeNetwork {
  readonly Name: string;
  readonly Internal: boolean;
  readonly Options: Readonly<Record<string, string>>;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
}

function networksOf({ requests }: FakeDaemon): MadeNetwork[] {
  return requests
    .filter(({ path }) => path.endsWith("/networks/create"))
    .map(({ body }) => JSON.parse(body.toString()));
}

describe("an agent's container", () => {
  test("has no privilege, no resolver, no log, bounds of its manifest, and one network", async () => {
    const limits = { memoryBytes: 123_456_789, cpus: 1.5, pids: 77 };
    expect(await launchAgent({ limits })).toMatchObject({
      Entrypoint: ["/bin/sh", "/usr/local/lib/claude-bottle/entry"],
      Tty: false,
      OpenStdin: true,
      StdinOnce: true,
      HostConfig: {
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true", `seccomp=${seccompProfiles.host}`],
        Memory: 123_456_789,
        MemorySwap: 123_456_789,
        NanoCpus: 1_500_000_000,
        PidsLimit: 77,
        Ulimits: [
          { Name: "core", Soft: 0, Hard: 0 },
          { Name: "nofile", Soft: 16_384, Hard: 16_384 },
        ],
        IpcMode: "private",
        CgroupnsMode: "private",
        RestartPolicy: { Name: "no" },
        AutoRemove: false,
        Init: true,
        Dns: ["127.0.0.1"],
        DnsOptions: ["timeout:1", "attempts:1"],
        DnsSearch: ["."],
        NetworkMode: `${stem}-internal`,
        LogConfig: { Type: "none", Config: {} },
        OomScoreAdj: 500,
        Mounts: [
          { Type: "volume", Source: `${stem}-work`, Target: "/home/node/workspace", ReadOnly: false },
          { Type: "volume", Source: `${stem}-kept`, ReadOnly: false },
        ],
      },
    });
  });

  test("has one address and knows one name, which is the gate's", async () => {
    const { HostConfig, NetworkingConfig } = (await launchAgent()) as unknown as {
      readonly HostConfig: { readonly ExtraHosts: readonly string[] };
      readonly NetworkingConfig: { readonly EndpointsConfig: Readonly<Record<string, unknown>> };
    };
    expect(HostConfig.ExtraHosts).toHaveLength(1);
    const [, gate = ""] = /:([\d.]+)$/.exec(HostConfig.ExtraHosts[0] ?? "") ?? [];
    const own = JSON.stringify(NetworkingConfig.EndpointsConfig[`${stem}-internal`]);
    expect(own).toContain(gate.replace(/\d+$/, ""));
    expect(own).not.toContain(`"${gate}"`);
  });

  test.each([
    ["runsc", "gvisor"],
    ["runc", "host"],
  ] as const)("under %s has the profile of system calls for %s", async (runtime, profile) => {
    await using daemon = await startEchoDaemon();
    await launchOn({ daemon }, planOf(), [], { runtime });
    expect(createdOn<Agent>({ daemon }, "").HostConfig).toMatchObject({
      Runtime: runtime,
      SecurityOpt: ["no-new-privileges:true", `seccomp=${seccompProfiles[profile]}`],
    });
  });

  test("that the plan gives no runtime is asked for none", async () => {
    expect((await launchAgent()).HostConfig).not.toHaveProperty("Runtime");
  });

  test("is filled, before it starts, with a list of users that has its own", async () => {
    await using daemon = await startEchoDaemon();
    await launchOn({ daemon }, planOf());
    const request = daemon.requests.find(
      ({ method, path }) => method === "PUT" && path.endsWith(`${stem}/archive`),
    );
    expect(request?.body.includes("home/node/.claude.json")).toBe(true);
    expect(request?.body.includes("home/node/.claude-bottle/")).toBe(true);
    const order = daemon.requests.map(
      ({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+\/containers\//, "")}`,
    );
    const [put, attach, start] = [`PUT ${stem}/archive`, `POST ${stem}/attach`, `POST ${stem}/start`].map(
      (one) => order.indexOf(one),
    );
    expect(put).toBeGreaterThan(0);
    expect(start).toBeGreaterThan(Math.max(put ?? 0, attach ?? 0));
    const attached = daemon.requests.find(({ path }) => path.endsWith(`${stem}/attach`));
    expect(
      [...(attached?.query ?? [])].filter(([, value]) => value === "true" || value === "1"),
    ).toHaveLength(4);
  });

  test("has as many processors as the engine lets it have where the manifest says nothing", async () => {
    expect((await launchAgent()).HostConfig).not.toHaveProperty("NanoCpus");
  });

  test("runs claude with what the manifest says, and the user's words last", async () => {
    expect((await launchAgent()).Cmd).toEqual([
      "claude",
      "--dangerously-skip-permissions",
      "--append-system-prompt-file",
      "/home/node/.claude-bottle/prompt.md",
    ]);
    const claude = { model: "m", mcp: {}, arguments: ["--a"] } as unknown as NonNullable<
      BottlePlan["agent"]["claude"]
    >;
    const { Cmd } = await launchAgent({
      agent: { ...aPlan().agent, prompt: "Be kind.", claude },
      claudeArguments: ["-p", "x"],
    });
    const words = Cmd.join(" ");
    expect(words).toMatch(
      /^claude --dangerously-skip-permissions --append-system-prompt-file \S+ --model m --mcp-config \S+ --strict-mcp-config --a -p x$/,
    );
    expect(words).not.toContain("Be kind.");
  });

  test("has a name of at most 63 characters, as Linux has it", async () => {
    const bottleName = `${"n".repeat(70)}-k3f9q2`;
    await using daemon = await startEchoDaemon();
    await launchOn({ daemon }, planOf({ bottleName }));
    const create = daemon.requests.find(({ query }) => query.get("name") === `claude-bottle-${bottleName}`);
    expect(JSON.parse(create?.body.toString() ?? "{}").Hostname).toBe("n".repeat(63));
    expect((await launchAgent()).Hostname).toBe("helper-k3f9q2");
    expect((await launchAgent()).Env).toContain("HOME=/home/node");
  });
});

describe("a bottle's networks", () => {
  test("are one without a way out, on which the host has no address, and the sidecar's way out", async () => {
    await using daemon = await startEchoDaemon();
    await launchOn({ daemon }, planOf());
    const [internal, egress] = networksOf(daemon);
    expect(internal).toMatchObject({
      Name: `${stem}-internal`,
      Internal: true,
      EnableIPv6: false,
      Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    });
    expect(Object.keys(internal?.Options ?? {})).toHaveLength(1);
    expect(egress).toMatchObject({ Name: `${stem}-egress`, Internal: false, EnableIPv6: false, Options: {} });
    expect(internal?.IPAM.Config[0]?.Subnet).not.toBe(egress?.IPAM.Config[0]?.Subnet);
  });

  test.each([
    ["1.47", undefined],
    ["1.48", "isolated"],
  ])("on an engine of API %s have the gateway isolated: %p", async (version, mode) => {
    await using daemon = await startEchoDaemon();
    const engine = makeEngine(daemon.endpoint, version, "1");
    await launchOn({ daemon: { ...daemon, engine } as FakeDaemon }, planOf());
    const { Options = {} } = networksOf(daemon)[0] ?? {};
    expect(Options["com.docker.network.bridge.gateway_mode_ipv4"]).toBe(mode as string);
    expect(Options["com.docker.network.bridge.gateway_mode_ipv6"]).toBe(mode as string);
  });

  const present = (Name: string, Subnet: string, Gateway: string) => ({
    Id: Name,
    Name,
    Labels: null,
    IPAM: { Config: [{ Subnet, Gateway }] },
  });

  test("take no range that the engine or the host has, and the agent tries the default bridge's address", async () => {
    // All but the last quarter of what bottles take is somebody else's
    const taken = [
      present("vpn", "10.213.0.0/18", "10.213.0.1"),
      present("bridge", "172.17.0.0/16", "172.17.0.1"),
    ];
    await using daemon = await startEchoDaemon((asked, connection) =>
      asked === "GET /networks"
        ? connection.send(renderReply(200, taken)).then(() => connection.end())
        : undefined,
    );
    const hostRoutes = ["10.213.64.0/18", "10.213.128.0/18"];
    const bottle = await launchOn({ daemon }, planOf(), [], { hostRoutes });
    const octets = networksOf(daemon).map(({ IPAM }) => Number(IPAM.Config[0]?.Subnet.split(".")[2]));
    expect(octets).toHaveLength(2);
    expect(octets.every((one) => one >= 192)).toBe(true);
    const archive = daemon.requests.find(
      ({ method, path }) => method === "PUT" && path.endsWith(`${stem}/archive`),
    );
    expect(archive?.body.includes(" 172.17.0.1:9 ")).toBe(true);
    await bottle.destroy();
    const gone = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    for (const one of ["internal", "egress"]) expect(gone).toContain(`/v1.41/networks/${stem}-${one}`);
  });

  test("are removed by their ids, since on old engines two may have one name", async () => {
    await using daemon = await startEchoDaemon((asked, connection, { body }) => {
      if (asked !== "POST /networks/create") return undefined;
      made.set(`id-of-${JSON.parse(body.toString()).Name}`, JSON.parse(body.toString()));
      return connection
        .send(renderReply(201, { Id: `id-of-${JSON.parse(body.toString()).Name}` }))
        .then(() => connection.end());
    });
    const made = new Map<string, unknown>();
    await failureOf(launchOn({ daemon }, planOf()));
    expect(made.size).toBeGreaterThan(0);
    const gone = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    for (const id of made.keys()) expect(gone).toContain(`/v1.41/networks/${id}`);
  });

  const overlap = { message: "Pool overlaps with other one on this address space" };

  test("are made with other ranges while theirs are taken, and what the tries left is gone", async () => {
    let refusals = 3;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create" || refusals === 0) return undefined;
      refusals -= 1;
      return connection.send(renderReply(403, overlap));
    });
    const bottle = await launchOn({ daemon }, planOf());
    const tried = networksOf(daemon).flatMap(({ Name, IPAM }) =>
      Name.endsWith("-internal") ? [IPAM.Config[0]?.Subnet] : [],
    );
    expect(tried).toHaveLength(4);
    expect(new Set(tried).size).toBe(4);
    expect(await bottle.destroy()).toEqual([]);
  });

  test("that no range can be had for are given up after 32 tries, with what the engine said", async () => {
    let tries = 0;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create") return undefined;
      tries += 1;
      return connection.send(renderReply(403, overlap));
    });
    const error = await failureOf(launchOn({ daemon }, planOf()));
    expect(error.message).toStartWith("Cannot find an address range for the bottle");
    expect(error.details.join()).toContain("Pool overlaps");
    expect(error.leavesBehind).toBe(false);
    expect(tries).toBe(32);
  });

  test("that the engine refuses for another reason are not tried again", async () => {
    let tries = 0;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create") return undefined;
      tries += 1;
      return connection.send(renderReply(403, { message: "not you" }));
    });
    expect((await failureOf(launchOn({ daemon }, planOf()))).message).toContain("not you");
    expect(tries).toBe(1);
  });
});

describe("a bottle that is not what it must be", () => {
  test.each<[string, string, (body: Record<string, unknown>) => unknown, string]>([
    [
      "an agent in another network as well",
      `GET /containers/${stem}/json`,
      () => ({
        NetworkSettings: { Networks: { a: { NetworkID: `${stem}-internal` }, b: { NetworkID: "bridge" } } },
      }),
      "its networks are not those that were made for it",
    ],
    [
      "a gate that lacks the way out",
      `GET /containers/${stem}-gate/json`,
      () => ({ NetworkSettings: { Networks: { a: { NetworkID: `${stem}-internal` } } } }),
      "its networks are not those that were made for it",
    ],
    [
      "an internal network that is not internal",
      `GET /networks/${stem}-internal`,
      (body) => ({ ...body, Internal: false }),
      "Internal",
    ],
  ])("does not start: %s", async (_name, which, change, detail) => {
    const made = new Map<string, Record<string, unknown>>();
    await using daemon = await startEchoDaemon((asked, connection, { body, query }) => {
      if (/^POST \/(?:networks|containers)\/create$/.test(asked)) {
        const config = JSON.parse(body.toString());
        made.set(query.get("name") ?? config.Name, config);
      }
      if (asked !== which) return undefined;
      const name = asked.split("/")[2] ?? "";
      const config = made.get(name) ?? {};
      const host = config["HostConfig"] as Record<string, unknown>;
      const state = { State: { Running: true, ExitCode: 0, OOMKilled: false } };
      const whole = { Config: { User: config["User"] }, HostConfig: host, ...state };
      const answer = asked.includes("/networks/")
        ? change(config)
        : { ...whole, ...(change(config) as object) };
      return connection.send(renderReply(200, answer)).then(() => connection.end());
    });
    const error = await failureOf(launchOn({ daemon }, planOf()));
    expect(error.details.join()).toContain(detail);
    const gone = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    expect(gone).toContain(`/v1.41/containers/${stem}`);
  });
});
