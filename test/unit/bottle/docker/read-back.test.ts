import { describe, expect, test } from "bun:test";
import { findIgnored, findIgnoredInNetwork } from "../../../../src/bottle/docker/read-back.ts";
import type { ContainerConfig } from "../../../../src/engine/containers.ts";

const asked: ContainerConfig = {
  Image: "image",
  User: "1000:1000",
  HostConfig: {
    NetworkMode: "internal",
    Runtime: "runsc",
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true", "seccomp={}"],
    ReadonlyRootfs: true,
    PidsLimit: 128,
    Memory: 1024,
    MemorySwap: 1024,
    Dns: ["127.0.0.1"],
    Sysctls: { "net.ipv4.ip_forward": "0" },
    LogConfig: { Type: "none", Config: {} },
  },
};

/** What an engine that does everything says: more than it was asked, in its own order. */
function keptAll(change: Readonly<Record<string, unknown>> = {}) {
  return {
    Config: { User: "1000:1000" },
    HostConfig: {
      ...asked.HostConfig,
      SecurityOpt: ["seccomp={}", "no-new-privileges:true"],
      CapAdd: null,
      Binds: null,
      PidMode: "",
      Privileged: false,
      PortBindings: {},
      ShmSize: 67108864,
      MemorySwap: -1,
      ...change,
    },
  };
}

describe("a container that is read back", () => {
  test("is fine if everything that was asked for is there", () => {
    expect(findIgnored(asked, keptAll())).toEqual([]);
  });

  test.each([
    ["CapDrop", null, 'HostConfig.CapDrop: asked for "[\\"ALL\\"]", found nothing'],
    ["SecurityOpt", ["no-new-privileges:true"], "HostConfig.SecurityOpt: asked for"],
    ["Sysctls", {}, "HostConfig.Sysctls: asked for"],
    ["PidsLimit", null, 'HostConfig.PidsLimit: asked for "128", found nothing'],
    ["Memory", 0, 'HostConfig.Memory: asked for "1024", found nothing'],
    ["ReadonlyRootfs", false, "HostConfig.ReadonlyRootfs: asked for"],
    ["Dns", [], "HostConfig.Dns: asked for"],
    ["Runtime", "runc", 'HostConfig.Runtime: asked for "runsc", found "runc"'],
    ["NetworkMode", "bridge", 'HostConfig.NetworkMode: asked for "internal", found "bridge"'],
    ["LogConfig", { Type: "json-file", Config: {} }, "HostConfig.LogConfig: asked for"],
    ["Privileged", true, 'HostConfig.Privileged: asked for nothing, found "true"'],
    ["Binds", ["/:/host"], "HostConfig.Binds: asked for nothing, found"],
    ["PidMode", "host", 'HostConfig.PidMode: asked for nothing, found "host"'],
  ])("tells that %s was changed", (name, value, line) => {
    const ignored = findIgnored(asked, keptAll({ [name]: value }));
    expect(ignored).toHaveLength(1);
    expect(ignored[0]).toStartWith(line);
  });

  test("tells that it runs as somebody else", () => {
    expect(findIgnored(asked, { ...keptAll(), Config: {} })).toEqual([
      'User: asked for "1000:1000", found nothing',
    ]);
  });

  test("may join another by its id where a name was given", () => {
    const joining = { ...asked, HostConfig: { NetworkMode: "container:gate" } };
    const joined = (mode: string) => ({ Config: keptAll().Config, HostConfig: { NetworkMode: mode } });
    expect(findIgnored(joining, joined("container:4f1c"))).toEqual([]);
    expect(findIgnored(joining, joined("default"))).toHaveLength(1);
  });
});

describe("a network that is read back", () => {
  const request = {
    name: "n",
    internal: true,
    subnet: "10.0.0.0/29",
    gateway: "10.0.0.1",
    options: { inhibit: "true" },
    labels: {},
  };
  const kept = {
    Id: "1",
    Name: "n",
    Labels: null,
    Internal: true,
    EnableIPv6: false,
    Options: { inhibit: "true" },
    IPAM: { Config: [{ Subnet: "10.0.0.0/29", Gateway: "10.0.0.1" }] },
  };

  test("is fine if everything that was asked for is there", () => {
    expect(findIgnoredInNetwork(request, kept)).toEqual([]);
  });

  test.each([
    [{ Internal: false }, 'Internal: asked for "true", found nothing'],
    [{ Options: {} }, 'Options["inhibit"]: asked for "true", found nothing'],
    [{ EnableIPv6: true }, 'EnableIPv6: asked for nothing, found "true"'],
    [
      { IPAM: { Config: [{ Subnet: "10.1.0.0/16", Gateway: "10.0.0.1" }] } },
      'IPAM.Config.Subnet: asked for "10.0.0.0/29", found "10.1.0.0/16"',
    ],
  ])("tells of %j", (change, line) => {
    expect(findIgnoredInNetwork(request, { ...kept, ...change })).toEqual([line]);
  });
});
