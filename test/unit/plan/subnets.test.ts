import { describe, expect, test } from "bun:test";
import { pickServicesSubnet, pickSubnets } from "../../../src/plan/subnets.ts";
import { maxServices } from "../../../src/manifest/services-schema.ts";
import { failureFrom } from "../../support/failure-from.ts";

describe("pickSubnets()", () => {
  test("takes two neighbours of its own range", () => {
    expect(pickSubnets([], 0)).toEqual({
      internal: {
        subnet: "10.213.0.0/29",
        gateway: "10.213.0.1",
        sidecar: "10.213.0.2",
        agent: "10.213.0.3",
      },
      egress: {
        subnet: "10.213.0.8/29",
        gateway: "10.213.0.9",
        sidecar: "10.213.0.10",
        agent: "10.213.0.11",
      },
    });
  });

  test("fits a hundred bottles and more without an overlap", () => {
    const used: string[] = [];
    for (let seed = 0; seed < 150; seed += 1) {
      const { internal, egress } = pickSubnets(used, seed * 7919);
      used.push(internal.subnet, egress.subnet);
    }
    expect(new Set(used).size).toBe(300);
  });

  test.each([8191, 8192, -1, 2 ** 32 - 1, 2 ** 53, 2 ** 60, 0.7])(
    "begins somewhere for the seed %p",
    (seed) => {
      const { internal, egress } = pickSubnets([], seed);
      expect(internal.subnet).toMatch(/^10\.213\.\d{1,3}\.\d{1,3}\/29$/);
      expect(egress.subnet).not.toBe(internal.subnet);
    },
  );

  test("keeps clear of what others use, wider or narrower", () => {
    expect(pickSubnets(["10.213.0.0/30", "10.213.0.17/32", "fd00::/8"], 0)).toMatchObject({
      internal: { subnet: "10.213.0.8/29" },
      egress: { subnet: "10.213.0.24/29" },
    });
    expect(pickSubnets(["10.0.0.0/8"], 0).internal.subnet).toBe("172.29.0.0/29");
    expect(pickSubnets(["10.213.5.77/16", "172.16.0.0/12"], 0).internal.subnet).toBe("192.168.213.0/29");
  });

  test("is not put off by default routes, nor by a VPN that writes its own as two halves", () => {
    expect(pickSubnets(["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"], 0).internal.subnet).toBe("10.213.0.0/29");
  });

  test("uses a range up to its last two free slices", () => {
    const used = ["10.0.0.0/8", "172.16.0.0/12"];
    for (let index = 0; index < 15; index += 1) {
      const { internal, egress } = pickSubnets(used, 3);
      used.push(internal.subnet, egress.subnet);
    }
    expect(pickSubnets(used, 3).internal.subnet).toMatch(/^192\.168\.213\./);
  });

  test("says what to do when all is taken", () => {
    const error = failureFrom(() => pickSubnets(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], 0));
    expect(error.code).toBe("engine-refused");
    expect(error.message).toBe(
      "Cannot find an address range for the bottle: 10.213.0.0/16, 172.29.0.0/16, 192.168.213.0/24 are all in use",
    );
    expect(error.hint).toBe(
      'Run "claude-bottle cleanup", remove networks that nobody uses, or leave a VPN that routes them all.',
    );
  });
});

describe("pickServicesSubnet()", () => {
  test("has room for an agent and as many services as a manifest may name", () => {
    const { subnet, gateway, agent, services } = pickServicesSubnet([], 0);
    expect({ subnet, gateway, agent }).toEqual({
      subnet: "10.213.0.0/28",
      gateway: "10.213.0.1",
      agent: "10.213.0.2",
    });
    expect(services[0]).toBe("10.213.0.3");
    expect(services.at(-1)).toBe("10.213.0.14");
    // One is for the probe of a verification
    expect(services).toHaveLength(maxServices + 1);
  });

  test("overlaps nothing of the bottle's own", () => {
    const { internal, egress } = pickSubnets([], 0);
    expect(pickServicesSubnet([internal.subnet, egress.subnet], 0).subnet).toBe("10.213.0.16/28");
  });

  test("says so where everything is taken", async () => {
    const all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    const error = await failureFrom(() => pickServicesSubnet(all, 0));
    expect(error.message).toContain("Cannot find an address range");
  });
});
