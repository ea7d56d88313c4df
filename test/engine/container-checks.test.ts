/** As `docker-bench-security` asks of containers that run, asked of every one that the program makes. */
import type { RequestOptions } from "../../src/engine/request.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { collectWork } from "../../src/bottle/work/collect-work.ts";
import { labelKeys, makeSessionLabels } from "../../src/bottle/docker/labels.ts";
import { probeRuntime } from "../../src/bottle/docker/runtime.ts";
import { platformOn, verifyBottle } from "../support/docker-platform.ts";
import { inspectContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findWeakWalls, questionNames } from "../support/container-checks.ts";
import type { Expectations, SeenContainer } from "../support/container-checks.ts";
import { ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { launchContextForTests } from "../support/verify-bottle.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const secret = `canary-${crypto.randomUUID()}`;

/** What may differ, and why, by role */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // It is filled by an archive, which engines refuse for a read-only root, and what is in it goes with it
  agent: ["a read-only root"],
  // It reads through git, which needs room for what it makes of the work, in memory or on the engine's disk
  collector: ["a read-only root"],
  // Root without a right but that to port 53; one of them is there to hear what reaches the host
  canary: ["not root", "no capability added", "no network of the host"],
  // Entry programs begin as root, with five rights, to become the user that the data is given to
  service: ["not root", "no capability added"],
  // It is gone in a moment and has nothing to say
  probe: ["no network of the host"],
};

describe.skipIf(typeof found === "string")("every container of the program", () => {
  let run: TestRun;
  const seen: SeenContainer[] = [];

  beforeAll(async () => {
    run = beginTestRun(engine);
    const { options, context } = await launchContextForTests(run, "runc");
    const watched = { ...run, engine: watchCreates(engine, seen) };
    const { bottle, plan } = await launchEgressBottle(watched, {
      pipelockImage: await filterForTests(engine),
      allowlist: ["api.test"],
      inspect: ["looked-at.test", { host: "inspected.test", by: "pipelock" }],
      secrets: [{ name: "BOUND", value: secret, hosts: ["api.test"] }],
      services: { cache: { image: await ensureRedis(engine) } },
      runtime: "runc",
    });
    try {
      const { session } = plan;
      const work = { session, hasWorkspace: false, hasTranscript: true, hasWentIn: true, repositories: [] };
      await collectWork(platformOn(watched.engine, context), { ...work, task: "bring-back" }, nowhere);
    } finally {
      await bottle.destroy();
    }
    await verifyBottle(watched.engine, options, context);
    const image = await imageForTests(engine);
    await probeRuntime(
      watched.engine,
      { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
      {
        image,
        name: run.name("probe"),
        runtime: "runc",
        labels: makeSessionLabels("probe", "probe", context.labels),
        endProcesses: () => Promise.resolve([]),
      },
    );
  });
  afterAll(() => run.end());

  test.each(["agent", "gate", "pipelock", "collector", "canary", "probe", "service"])("%s", (role) => {
    const own = seen.filter((one) => roleOf(one) === role);
    expect(own.length).toBeGreaterThan(0);
    for (const one of own) expect([one.Name, findWeakWalls(one, expectations(role))]).toEqual([one.Name, []]);
  });

  test("has one of these roles", () => {
    const roles = new Set(seen.map(roleOf));
    expect([...roles].toSorted()).toEqual([
      "agent",
      "canary",
      "collector",
      "gate",
      "pipelock",
      "probe",
      "service",
    ]);
  });

  // The control: each question is one that can be answered wrongly
  test.each(questionNames)("would be noticed without: %s", (name) => {
    const gate = seen.find((one) => roleOf(one) === "gate") as SeenContainer;
    const { config = {}, host = {}, mounts = [] } = spoilt[name] ?? {};
    const one = {
      ...gate,
      Config: { ...gate.Config, ...config },
      HostConfig: { ...gate.HostConfig, ...host },
      Mounts: [...gate.Mounts, ...mounts],
    };
    expect(findWeakWalls(one, expectations("gate"))).toContain(name);
  });
});

interface Spoilt {
  readonly config?: Partial<SeenContainer["Config"]>;
  readonly host?: SeenContainer["HostConfig"];
  readonly mounts?: SeenContainer["Mounts"];
}

const spoilt: Readonly<Record<string, Spoilt>> = {
  "no privileges": { host: { Privileged: true } },
  "all capabilities dropped": { host: { CapDrop: null } },
  "no capability added": { host: { CapAdd: ["NET_RAW"] } },
  "no new privileges": { host: { SecurityOpt: ["seccomp={}"] } },
  "a system call filter of ours": { host: { SecurityOpt: ["no-new-privileges:true"] } },
  "nothing unconfined": { host: { SecurityOpt: ["apparmor=unconfined"] } },
  "not root": { config: { User: "" } },
  "a read-only root": { host: { ReadonlyRootfs: false } },
  "memory limited": { host: { Memory: 0 } },
  "no swap": { host: { MemorySwap: -1 } },
  "processes limited": { host: { PidsLimit: null } },
  "open files limited": { host: { Ulimits: null } },
  "no core files": { host: { Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 1024 }] } },
  "not killed last": { host: { OomScoreAdj: -999 } },
  "no network of the host": { host: { NetworkMode: "host" } },
  "no processes of the host": { host: { PidMode: "host" } },
  "IPC of its own": { host: { IpcMode: "host" } },
  "cgroups of its own": { host: { CgroupnsMode: "host" } },
  "a host name of its own": { host: { UTSMode: "host" } },
  "the engine's namespaces for users": { host: { UsernsMode: "host" } },
  "no folders of the host": { mounts: [{ Type: "bind", Source: "/etc", Destination: "/host" }] },
  "no devices": { host: { Devices: [{ PathOnHost: "/dev/kvm" }] } },
  "no volumes of others": { host: { VolumesFrom: ["other"] } },
  "no published ports": { host: { PublishAllPorts: true } },
  "no engine's socket": {
    mounts: [{ Type: "bind", Source: "/var/run/docker.sock", Destination: "/var/run/docker.sock" }],
  },
  "no restart": { host: { RestartPolicy: { Name: "always" } } },
  "not removed behind our back": { host: { AutoRemove: true } },
  "no log without an end": { host: { LogConfig: { Type: "json-file", Config: {} } } },
  "whose it is": { config: { Labels: {} } },
  "no secrets": { config: { Env: [`TOKEN=${secret}`] } },
};

const nowhere = {
  begin: () => Promise.resolve({ write: () => Promise.resolve(), end: () => Promise.resolve() }),
};

const labels = [labelKeys.session, labelKeys.role, labelKeys.owner, labelKeys.version, labelKeys.schema];

function expectations(role: string): Expectations {
  return { labels, secrets: [secret], allowed: allowed[role] ?? [] };
}

/** By its label; the runtime's probe is labelled by whoever asks for it. */
function roleOf({ Config }: SeenContainer): string {
  return Config.Labels[labelKeys.role] ?? "";
}

/** Looks at every container as soon as it is made: some are gone in a moment. */
function watchCreates(of: Engine, into: SeenContainer[]): Engine {
  const json = async <T>(method: string, path: string, options?: RequestOptions) => {
    const answer = await of.json<T>(method, path, options);
    if (path === "/containers/create") into.push(await inspectContainer(of, (answer as { Id: string }).Id));
    return answer;
  };
  return Object.assign(Object.create(of) as Engine, { json });
}
