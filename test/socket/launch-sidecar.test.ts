/** What a bottle's sidecar is made of, as the engine is asked for it, that it is brought back, and that all of it goes again. */
import { describe, expect, test } from "bun:test";
import { resolvingSeccompProfile } from "../../src/bottle/docker/seccomp.ts";
import type { Destination } from "../../src/plan/egress-plan.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { authorityFolder } from "../../src/plan/pipelock-config.ts";
import type { RecordedRequest } from "../support/http-request.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan, aSource } from "../support/manifests.ts";
import { certificate, createdOn, launchOn, startSidecarDaemon } from "../support/sidecar-daemon.ts";
import type { SidecarDaemon } from "../support/sidecar-daemon.ts";

const stem = "claude-bottle-helper-k3f9q2";
const mebibyte = 1024 * 1024;

const planOf = (isInspected: boolean, filter: "pipelock" | "builtin" = "pipelock"): BottlePlan => {
  const destination: Destination = {
    host: "i.test",
    port: 443,
    protocol: "tls",
    isPrivate: false,
    isInspected,
    origin: { kind: "manifest", source: aSource() },
  };
  const egress = { ...aPlan().egress, filter, destinations: [destination] };
  return aPlan({ hasTerminal: false, egress });
};

interface Made {
  readonly HostConfig: {
    readonly SecurityOpt: readonly string[];
    readonly Memory: number;
    readonly Mounts?: readonly { readonly Target: string }[];
  };
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<
      Record<string, { readonly IPAMConfig: { readonly IPv4Address: string } }>
    >;
  };
}

function requestOf({ daemon }: SidecarDaemon, what: (request: RecordedRequest) => boolean): string {
  return daemon.requests.find(what)?.body.toString() ?? "";
}

/** Resolves once something has come about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}

describe("a sidecar whose filter opens a host", () => {
  const plan = planOf(true);

  test("shares the authority's key in memory: the gate writes it, the filter reads it, the agent has neither", async () => {
    await using on = await startSidecarDaemon();
    const details: string[] = [];
    const bottle = await launchOn(on, plan, details);
    const volume = { Target: authorityFolder, Source: `${stem}-ca` };
    expect(createdOn<Made>(on, "-gate").HostConfig.Mounts).toMatchObject([{ ...volume, ReadOnly: false }]);
    expect(createdOn<Made>(on, "-pipelock").HostConfig.Mounts?.at(-1)).toMatchObject({
      ...volume,
      ReadOnly: true,
    });
    const create = requestOf(on, ({ body }) => body.includes(`"Name":"${stem}-ca"`));
    expect(create).toContain("mode=0700,uid=65532,gid=65532");
    const agent = JSON.stringify(createdOn(on, ""));
    expect(agent).toContain("HostConfig");
    expect(agent).not.toContain(`${stem}-ca`);
    expect(on.trusted()).toContain(certificate);
    expect(details).toEqual([]);
    expect(await bottle.destroy()).toEqual([]);
  });

  test("goes whole: both containers first, and then the volume with the key", async () => {
    await using on = await startSidecarDaemon();
    const bottle = await launchOn(on, plan);
    expect(on.asked("DELETE")).toEqual([]);
    await bottle.destroy();
    const gone = on.asked("DELETE");
    const [gate = -1, pipelock = -1, volume = -1] = [
      "/containers/-gate",
      "/containers/-pipelock",
      "/volumes/-ca",
    ].map((one) => gone.indexOf(one));
    expect(Math.min(gate, pipelock)).toBeGreaterThanOrEqual(0);
    expect(volume).toBeGreaterThan(Math.max(gate, pipelock));
  });

  test("has a gigabyte, since an answer takes many times its size", async () => {
    await using on = await startSidecarDaemon();
    await launchOn(on, plan);
    expect(createdOn<Made>(on, "-pipelock").HostConfig.Memory).toBe(1024 * mebibyte);
  });

  test("says so where the agent's image has no store that could trust it", async () => {
    const details: string[] = [];
    await using on = await startSidecarDaemon({ trustCode: 1 });
    await launchOn(on, plan, details);
    expect(details.join("\n")).toContain("does not trust the CA of inspected hosts");
  });
});

describe("a sidecar whose filter opens nothing", () => {
  const plan = planOf(false);
  const log = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

  test("has a gate with bounds, without a name, and with one folder to write to, which is memory", async () => {
    await using on = await startSidecarDaemon();
    await launchOn(on, plan);
    expect(on.daemon.requests.some(({ body }) => body.includes(`${stem}-ca`))).toBe(false);
    const gate = createdOn<Made>(on, "-gate");
    expect(gate).toMatchObject({
      User: "65532:65532",
      OpenStdin: true,
      Entrypoint: [],
      Env: ["HOME=/run/gate", "MALLOC_ARENA_MAX=1"],
    });
    expect(gate.HostConfig).toMatchObject({
      Memory: 256 * mebibyte,
      PidsLimit: 128,
      ReadonlyRootfs: true,
      Sysctls: { "net.ipv4.ip_forward": "0" },
      Tmpfs: { "/run/gate": "rw,noexec,nosuid,nodev,size=1m,mode=0700,uid=65532,gid=65532" },
      LogConfig: log,
    });
    expect(gate.HostConfig.Mounts).toBeUndefined();
  });

  test("has a filter within the gate's namespace, that writes nowhere and hears on loopback alone", async () => {
    await using on = await startSidecarDaemon();
    await launchOn(on, plan);
    const pipelock = createdOn<Made>(on, "-pipelock");
    expect(pipelock).toMatchObject({
      Image: plan.egress.pipelockImage,
      User: "65532:65532",
      Cmd: ["run", "--config", "/etc/pipelock/pipelock.yaml", "--listen", "127.0.0.1:8889"],
      Healthcheck: { Test: ["NONE"] },
    });
    expect(pipelock.HostConfig).toMatchObject({
      Memory: 512 * mebibyte,
      PidsLimit: 256,
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: `container:${stem}-gate`,
      LogConfig: log,
    });
    // The one volume is made by the engine, so it carries what it is swept by
    expect(pipelock.HostConfig.Mounts).toMatchObject([
      { Target: "/etc/pipelock", VolumeOptions: { Labels: { "claude-bottle.session": "k3f9q2" } } },
    ]);
    expect(JSON.parse(on.configuration())).toMatchObject({ mode: "strict", enforce: true });
  });

  test("lets its two programs ask for names, and not the agent", async () => {
    await using on = await startSidecarDaemon();
    await launchOn(on, plan);
    const isResolving = (suffix: string) =>
      createdOn<Made>(on, suffix).HostConfig.SecurityOpt.includes(`seccomp=${resolvingSeccompProfile}`);
    expect(["-gate", "-pipelock", ""].map(isResolving)).toEqual([true, true, false]);
  });

  test("has the gate at one address in each network: there where the agent is told to go, and on the way out", async () => {
    await using on = await startSidecarDaemon();
    await launchOn(on, plan);
    const { EndpointsConfig = {} } = createdOn<Made>(on, "-gate").NetworkingConfig ?? {};
    const inside = EndpointsConfig[`${stem}-internal`]?.IPAMConfig.IPv4Address ?? "none";
    expect(JSON.stringify(createdOn(on, ""))).toContain(`:${inside}"`);
    const connect = JSON.parse(requestOf(on, ({ path }) => path.endsWith(`${stem}-egress/connect`)));
    const outside = String(connect.EndpointConfig.IPAMConfig.IPv4Address);
    const range = JSON.parse(requestOf(on, ({ body }) => body.includes(`"Name":"${stem}-egress"`))).IPAM
      .Config[0];
    const isWithin = (address: string) => address.startsWith(range.Subnet.replace(/\d+\/29$/, ""));
    expect([isWithin(outside), outside === inside, outside === range.Gateway]).toEqual([true, false, false]);
  });

  test.each<[string, object]>([
    ["another configuration", { config_hash: "0".repeat(64) }],
    ["a mode that lets all hosts through", { mode: "balanced" }],
  ])("does not start with %s, and leaves nothing", async (_name, startup) => {
    await using on = await startSidecarDaemon({ startup });
    const { message } = await failureOf(launchOn(on, plan));
    expect(message).toBe(
      "Cannot start pipelock 2.3.0: it runs another configuration than the one that was written",
    );
    const gone = on.asked("DELETE");
    for (const one of ["", "-gate", "-pipelock"]) expect(gone).toContain(`/containers/${one}`);
  });
});

test("a bottle without a filter has no container for one, and looks for none to remove", async () => {
  await using on = await startSidecarDaemon();
  const bottle = await launchOn(on, planOf(false, "builtin"));
  await bottle.destroy();
  expect(on.daemon.requests.filter(({ path, query }) => `${path}${query}`.includes("-pipelock"))).toEqual([]);
});

describe("a sidecar that runs", () => {
  const attach = "/containers/-gate/attach";
  const startFilter = "/containers/-pipelock/start";
  const countOf = (all: readonly string[], one: string) => all.filter((other) => other === one).length;

  const attempt = { event: "attempt", port: 443, time: "" };

  test("tells what was reached and refused, before its gate was replaced and after", async () => {
    await using on = await startSidecarDaemon();
    const bottle = await launchOn(on, planOf(false));
    await on.say({ ...attempt, host: "a.test", verdict: "allowed" });
    await until(() => bottle.seen().reached.length > 0);
    const before = on.configuration();
    const asked = on.daemon.requests.length;
    await on.end("gate");
    await until(() => countOf(on.asked("POST"), attach) === 2);
    await until(() => countOf(on.asked("POST"), startFilter) === 2);
    await on.say({ ...attempt, host: "b.test", verdict: "refused" });
    await until(() => bottle.seen().refused.length > 0);
    const { reached, refused, secrets } = bottle.seen();
    expect([reached, refused, secrets]).toMatchObject([["a.test:443"], [{ host: "b.test", port: 443 }], []]);
    // The same rules under a new hash, which nothing from before can have confirmed
    expect(JSON.parse(on.configuration().replace(/^#.*$/m, ""))).toEqual(JSON.parse(before));
    expect(on.configuration()).not.toBe(before);
    const later = on.daemon.requests
      .slice(asked)
      .map(({ path }) => path.replace(/^.*?-([a-z]+\/\w+)$/, "$1"));
    const order = ["gate/stop", "gate/attach", "gate/start", "pipelock/stop", "pipelock/start"].map((one) =>
      later.indexOf(one),
    );
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    await bottle.destroy();
  });

  test("has its filter started again alone, with the gate and what is open through it left as they are", async () => {
    await using on = await startSidecarDaemon();
    const bottle = await launchOn(on, planOf(false));
    await on.end("pipelock");
    await until(() => countOf(on.asked("POST"), startFilter) === 2);
    await on.say({ ...attempt, host: "a.test", verdict: "allowed" });
    await until(() => bottle.seen().reached.length > 0);
    expect(countOf(on.asked("POST"), attach)).toBe(1);
    expect(on.asked("POST")).not.toContain("/containers/-gate/stop");
    await bottle.destroy();
  });
});
