import { describe, expect, test } from "bun:test";
import {
  addProbeService,
  makeSiblingServices,
  verifyServices,
} from "../../../../src/bottle/verify/services-probes.ts";
import { probeService } from "../../../../src/bottle/platform/services.ts";
import type { ProbeTargets } from "../../../../src/bottle/verify/probe.ts";
import { planServices } from "../../../../src/plan/describe-services.ts";
import { aBottle, aPlan } from "../../../support/manifests.ts";

const targets: ProbeTargets = {
  token: "t1",
  host: { addresses: ["10.1.0.1"], ipv6: [], port: 4_001 },
  egress: { address: "10.2.0.4", port: 4_002 },
  sibling: { agent: "10.3.0.3", gate: "10.3.0.2", port: 4_003 },
  services: { agent: "10.4.0.2", sibling: { agent: "10.5.0.2", probe: "10.5.0.3" } },
  gate: { address: "10.1.0.2", proxyPort: 8_888, otherPorts: [8_889] },
  granted: undefined,
  isGvisor: false,
};

/** A service whose tries come out as `outcomes` say, by a part of their name, and else in silence. */
function verifyWith(outcomes: Readonly<Record<string, string>>, heard = "") {
  const run = async ({ input = "" }: { readonly input?: string | Uint8Array }) => {
    const names = [...String(input).matchAll(/"name":"([^"]+)"/g)].map((match) => match[1] ?? "");
    const lines = names.map((name) => {
      const found = Object.entries(outcomes).find(([part]) => name.includes(part));
      return JSON.stringify({ event: "answer", name, outcome: found?.[1] ?? "ETIMEDOUT" });
    });
    return { exitCode: 0, stdout: `${lines.join("\n")}\n`, stderr: "" };
  };
  const heardBy = (text: string) => (heard !== "" && text.includes(heard) ? "the host's canary" : undefined);
  return verifyServices({ name: "probe", run }, targets, heardBy);
}

describe("a plan that is verified", () => {
  test("has one more service, and no data of anybody's", () => {
    const entries = aBottle({ services: { db: { image: "a", keep: true } } }).services ?? [];
    const plan = aPlan({ services: planServices(entries, { images: new Map(), dataKey: "here" }) });
    const { services = [] } = addProbeService(plan);
    expect(services.map(({ name, keepKey }) => [name, keepKey])).toEqual([
      ["db", undefined],
      [probeService, undefined],
    ]);
  });

  test("stays as it is without services", () => {
    const plan = aPlan();
    expect(addProbeService(plan)).toBe(plan);
    expect(makeSiblingServices({ ...targets, services: undefined })).toEqual([]);
  });

  test("cannot have a service of the probe's name", () => {
    expect(() => aBottle({ services: { [probeService]: { image: "a" } } })).toThrow();
  });
});

describe("the ways out of a service", () => {
  const control = { "service-control": "ECONNREFUSED" };

  test("are closed if nothing answers but its own agent", async () => {
    const verdicts = await verifyWith(control);
    expect(verdicts.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      "service-host closed",
      "service-egress closed",
      "service-gate closed",
      "service-sibling closed",
    ]);
  });

  test.each([
    ["10.1.0.2:8888", "service-gate"],
    ["10.1.0.2:8889", "service-gate"],
    ["10.1.0.1:4001", "service-host"],
    ["10.2.0.4:4002", "service-egress"],
    ["10.3.0.3:4003", "service-sibling"],
    ["10.3.0.2:8888", "service-sibling"],
    ["10.5.0.2:4003", "service-sibling"],
    ["10.5.0.3:9", "service-sibling"],
  ])("are a leak if %s answers", async (place, name) => {
    for (const outcome of ["connected", "ECONNREFUSED"]) {
      const verdicts = await verifyWith({ ...control, [place]: outcome });
      expect(verdicts.filter(({ verdict }) => verdict === "leak").map((one) => one.name)).toEqual([name]);
    }
  });

  test("are a leak if a canary has heard one", async () => {
    const verdicts = await verifyWith(control, "service-host");
    expect(verdicts.find(({ name }) => name === "service-host")?.verdict).toBe("leak");
  });

  test("are not known if its agent does not answer either", async () => {
    const verdicts = await verifyWith({});
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  });
});
