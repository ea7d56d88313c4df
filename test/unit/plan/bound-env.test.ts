import { describe, expect, test } from "bun:test";
import { describeBoundHosts, describeEnv, describeOpening } from "../../../src/plan/describe-env.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { diffPolicy, effectivePolicy } from "../../../src/plan/policy.ts";
import { aBottle, aPlan, aSource } from "../../support/manifests.ts";

const plain = { name: "A", source: aSource(), kind: "variable", variable: "B" } as const;
const bound = { ...plain, hosts: ["b.example", "a.w.example"] };
const destinations = makeDestinations(
  aBottle({ egress: { allowlist: ["b.example", "*.w.example", "c.example"], http: ["b.example"] } }),
);
const egress = { filter: "pipelock", pipelockImage: "p", destinations } as const;

describe("a bound secret in the preflight", () => {
  test("is told apart from one inside the bottle", () => {
    expect(describeEnv(plain)).toEqual(["A", "copied from B", "inside the bottle"]);
    expect(describeEnv(bound)).toEqual([
      "A",
      "copied from B",
      "stays in the sidecar, for b.example, a.w.example",
    ]);
  });

  test("marks the destinations that the gate opens, by name and by pattern", () => {
    const plan = aPlan({ env: [bound], egress });
    const marked = destinations.filter((one) => describeOpening(plan, one) === ", opened for A");
    expect(marked.map((one) => `${one.host}:${one.port}`)).toEqual(["*.w.example:443", "b.example:443"]);
    expect(describeBoundHosts(plan)[0]).toContain("gate opens TLS on a.w.example, b.example ");
    expect(describeBoundHosts(aPlan({ env: [plain] }))).toEqual([]);
  });
});

test("a binding is part of what is approved, in whatever order", () => {
  const policy = (hosts?: readonly string[]) => effectivePolicy(aPlan({ env: [{ ...plain, hosts }] }));
  expect(diffPolicy(policy(), policy(["b.example", "a.example"]))).toEqual({
    added: ["env A from B for a.example, b.example only"],
    removed: ["env A from B"],
  });
  expect(policy(["b.example", "a.example"])).toEqual(policy(["a.example", "b.example"]));
});
