import { describe, expect, test } from "bun:test";
import { makeNames } from "../../../../src/bottle/docker/labels.ts";
import { seccompProfiles } from "../../../../src/bottle/docker/seccomp.ts";
import { makeServiceConfig } from "../../../../src/bottle/docker/services-config.ts";
import type { ServiceContainer } from "../../../../src/bottle/docker/services-config.ts";
import { planServices } from "../../../../src/plan/describe-services.ts";
import { aBottle, aPlan } from "../../../support/manifests.ts";

const mebibyte = 1024 ** 2;

function configOf(service: Record<string, unknown> = {}, more: Partial<ServiceContainer> = {}) {
  const { services = [] } = aBottle({ services: { db: { image: "postgres", ...service } } });
  const [plan] = planServices(services, { images: new Map(), dataKey: "here" });
  if (!plan) throw new Error("The builder made no service");
  return makeServiceConfig(plan, {
    names: makeNames(aPlan()),
    labels: { own: "label" },
    image: { id: "sha256:one", volumes: ["/data"], user: "", check: ["check"] },
    runtime: undefined,
    addresses: new Map([
      ["db", "10.0.0.3"],
      ["cache", "10.0.0.4"],
    ]),
    kept: new Map(),
    ...more,
  });
}

describe("a service's container", () => {
  test("has the walls of every other one, and five capabilities that can only become less", () => {
    const { HostConfig, Healthcheck } = configOf();
    expect(HostConfig).toMatchObject({
      CapDrop: ["ALL"],
      CapAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: "claude-bottle-helper-k3f9q2-services",
      Dns: ["127.0.0.1"],
      ExtraHosts: ["cache:10.0.0.4"],
      IpcMode: "private",
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "local" },
      PidsLimit: 512,
    });
    // The same system call filter as an agent's
    expect(HostConfig.SecurityOpt).toEqual(["no-new-privileges:true", `seccomp=${seccompProfiles.host}`]);
    expect(Healthcheck).toEqual({ Test: ["NONE"] });
  });

  test("counts what it writes to memory as memory, and not what is on a disk", () => {
    const limits = { memory: "64m" };
    expect(configOf({ data: "100m", limits }).HostConfig.Memory).toBe(164 * mebibyte);
    const kept = configOf({ data: "100m", keep: true, limits }, { kept: new Map([["/data", "volume"]]) });
    expect(kept.HostConfig.Memory).toBe(64 * mebibyte);
    expect(kept.HostConfig.Mounts).toEqual([
      { Type: "volume", Source: "volume", Target: "/data", ReadOnly: false },
    ]);
    expect(Object.keys(kept.HostConfig.Tmpfs ?? {})).toEqual(["/tmp", "/run"]);
  });

  test.each([
    ["", "mode=0755"],
    ["root", "mode=0755"],
    ["0:0", "mode=0755"],
    ["1001", "mode=0755,uid=1001,gid=0"],
    ["70:71", "mode=0755,uid=70,gid=71"],
    ["redis", "mode=1777"],
  ])("gives its data folder to the image's user %j", (user, owner) => {
    const { HostConfig } = configOf(
      { data: "1m", writable: ["/more"] },
      { image: { id: "i", volumes: ["/data"], user, check: undefined } },
    );
    const options = `rw,nosuid,nodev,noexec,size=${mebibyte},${owner}`;
    expect(HostConfig.Tmpfs).toMatchObject({ "/data": options, "/more": options });
  });

  test("says by its labels how to tell that it is ready, by the manifest's word first", () => {
    expect(configOf().Labels?.["claude-bottle.ready"]).toBe('["check"]');
    const { Labels } = configOf({ ready: ["pg_isready"] });
    expect(Labels).toMatchObject({
      own: "label",
      "claude-bottle.service": "db",
      "claude-bottle.ready": '["pg_isready"]',
    });
  });

  test("runs the image's own command unless the manifest has one", () => {
    expect("Cmd" in configOf()).toBe(false);
    expect(configOf({ command: ["a", "b"] })).toMatchObject({ Cmd: ["a", "b"], Image: "sha256:one" });
  });
});
