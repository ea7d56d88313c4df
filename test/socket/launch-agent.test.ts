/** What an agent's container and both networks are made of, as the engine is asked for them, and what becomes of ranges that are taken. */
import { describe, expect, test } from "bun:test";
import { seccompProfiles } from "../../src/bottle/docker/seccomp.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { startEchoDaemon } from "../support/echo-daemon.ts";
import { renderReply } from "../support/fake-daemon.ts";
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
      "--mcp-config",
      "/home/node/.claude-bottle/mcp.json",
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
      /^claude --dangerously-skip-permissions --mcp-config \S+ --strict-mcp-config --append-system-prompt-file \S+ --model m --a -p x$/,
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
