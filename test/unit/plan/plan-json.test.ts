import { describe, expect, test } from "bun:test";
import { Secret } from "../../../src/core/secret.ts";
import { renderPlanJson } from "../../../src/plan/plan-json.ts";
import { effectivePolicy, policyDigest } from "../../../src/plan/policy.ts";
import { aPlan, aSource } from "../../support/manifests.ts";

describe("renderPlanJson()", () => {
  const plan = aPlan({
    env: [{ name: "A", source: aSource(), kind: "literal", value: new Secret("hunter2") }],
  });

  test("is the plan, with its schema's number and its policy's digest", () => {
    const { schema, policy, ...rest } = JSON.parse(renderPlanJson(plan));
    expect(schema).toBe(1);
    expect(policy).toBe(policyDigest(effectivePolicy(plan)));
    expect(rest).toEqual(JSON.parse(JSON.stringify(plan)));
  });

  test("holds no value of a literal", () => {
    expect(renderPlanJson(plan)).not.toContain("hunter2");
    expect(JSON.parse(renderPlanJson(plan)).env[0].value).toBe("[secret]");
  });
});
