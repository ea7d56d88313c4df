import { describe, expect, test } from "bun:test";
import { findAgent, makePlan } from "../../../src/plan/make-plan.ts";
import type { PlanInput } from "../../../src/plan/make-plan.ts";
import { failureFrom } from "../../support/failure-from.ts";
import { aBottle, aManifest, aPlan, aSkillPlan, aSource, aWorkspacePlan } from "../../support/manifests.ts";

const { image, runtime, token } = aPlan();

function anInput(differences: Partial<PlanInput> = {}): PlanInput {
  return {
    session: "k3f9q2",
    agent: { name: "helper", bottle: "dev", skills: [], prompt: "Be brief", source: aSource() },
    bottle: aBottle(),
    image,
    runtime,
    skills: [],
    ssh: [],
    workspace: undefined,
    filter: "pipelock",
    pipelockImage: "pipelock@sha256:3b1a",
    claudeArguments: ["-p"],
    hasTerminal: true,
    token,
    hasVariable: () => true,
    ...differences,
  };
}

const named = (name: string) =>
  makePlan(anInput({ agent: { name, bottle: "dev", skills: [], prompt: "", source: aSource() } })).bottleName;

describe("makePlan()", () => {
  test("freezes all of it, and what was frozen only outside", () => {
    const bottle = aBottle({ env: { A: "x", B: "${C}" }, egress: { allowlist: ["github.com"] } });
    const skills = Object.freeze([aSkillPlan()]);
    const plan = makePlan(anInput({ bottle, skills }));
    const thawed: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value !== "object" || value === null) return;
      if (!Object.isFrozen(value) && !path.endsWith(".value")) thawed.push(path);
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    };
    visit(plan, "plan");
    expect(thawed).toEqual([]);
    expect(() => (plan.env as unknown[]).push(1)).toThrow();
  });

  test("adds the agent's patterns to those of its bottle, with a folder and without", () => {
    const bottle = aBottle({ workspace: { bring: ["dist/"], exclude: [".env"] } });
    const { agent } = anInput();
    const own = { bring: ["dist/", "*.whl"], exclude: ["secrets/"] };
    const { bring, exclude, ...workspace } = aWorkspacePlan();
    const joined = { bring: ["dist/", "*.whl"], exclude: [".env", "secrets/"] };
    const plan = makePlan(anInput({ bottle, agent: { ...agent, workspace: own }, workspace }));
    expect(plan.workspacePatterns).toEqual(joined);
    expect(plan.workspace).toEqual({ ...workspace, ...joined });
    expect(makePlan(anInput({ bottle })).workspacePatterns.exclude).toEqual([".env"]);
    expect(makePlan(anInput({ workspace })).workspace).toEqual({ ...workspace, bring, exclude });
  });

  test("refuses to leave pipelock out of a bottle that asks to be read", () => {
    const lists = { inspect: [{ host: "a.example", by: "pipelock" }], http: ["a.example"] };
    for (const [list, hosts] of Object.entries(lists)) {
      const bottle = aBottle({ egress: { [list]: hosts } });
      expect(makePlan(anInput({ bottle })).egress.filter).toBe("pipelock");
      expect(failureFrom(() => makePlan(anInput({ bottle, filter: "builtin" })))).toMatchObject({
        code: "input",
        message: expect.stringContaining(`egress.${list}`),
        details: [expect.stringContaining(`a.example under egress.${list}`)],
      });
    }
    // What the gate looks at by itself needs no pipelock
    const plain = aBottle({ egress: { allowlist: ["a.example"], inspect: ["b.example"] } });
    expect(makePlan(anInput({ bottle: plain, filter: "builtin" })).egress.filter).toBe("builtin");
  });

  test("takes the addresses of private hosts along, and of no other", () => {
    const bottle = aBottle({ egress: { allowlist: ["a.example"], private: ["b.example", "*.c.example"] } });
    const addresses = new Map([
      ["a.example", ["1.2.3.4"]],
      ["b.example", ["10.0.0.5"]],
    ]);
    const { destinations } = makePlan(anInput({ bottle, addresses })).egress;
    expect(destinations.map((one) => [one.host, one.addresses])).toEqual([
      ["*.c.example", undefined],
      ["a.example", undefined],
      ["b.example", ["10.0.0.5"]],
    ]);
  });

  test("wraps literals and keeps names of the rest", () => {
    const bottle = aBottle({ env: { A: "s3cret", B: "${C}", D: "?word" } });
    const plan = makePlan(anInput({ bottle }));
    expect(plan.env.map(({ source: _source, ...entry }) => entry)).toMatchObject([
      { name: "A", kind: "literal" },
      { name: "B", kind: "variable", variable: "C" },
      { name: "D", kind: "prompt", question: "word" },
    ]);
    expect(JSON.stringify(plan)).not.toContain("s3cret");
  });

  test("leaves pipelock out where the gate filters alone, and refuses what only pipelock can do", () => {
    expect(makePlan(anInput({ filter: "builtin" })).egress.pipelockImage).toBeUndefined();
    const bottle = aBottle({ egress: { inspect: [{ host: "a.example", by: "pipelock" }] } });
    expect(makePlan(anInput({ bottle })).egress.destinations).toMatchObject([{ isInspected: true }]);
    const error = failureFrom(() => makePlan(anInput({ bottle, filter: "builtin" })));
    expect(error.code).toBe("input");
    expect(error.message).toStartWith("Cannot use egress.inspect: CLAUDE_BOTTLE_EGRESS=builtin");
    expect(error.details).toEqual([expect.stringContaining("a.example under egress.inspect")]);
    expect(error.hint).toBe("Unset CLAUDE_BOTTLE_EGRESS, or remove the hosts from that list.");
  });

  test("names every variable that is missing at once", () => {
    const bottle = aBottle({ env: { A: "${HAVE}", B: "${LACK_1}", C: "${LACK_2}", D: "x" } });
    const error = failureFrom(() => makePlan(anInput({ bottle, hasVariable: (name) => name === "HAVE" })));
    expect(error.code).toBe("input");
    expect(error.message).toBe("Cannot fill B, C: your environment lacks LACK_1, LACK_2");
    expect(error.details).toEqual(["claude-bottle.json:1:41  B", "claude-bottle.json:1:57  C"]);
    expect(error.hint).toBe('Set LACK_1=… LACK_2=… in front of the command, or write "?" to be asked.');
  });

  test.each([
    ["Gitea.Helper", "gitea-helper-k3f9q2"],
    ["a--b", "a-b-k3f9q2"],
    ["x_", "x-k3f9q2"],
    [`${"a".repeat(39)}-b`, `${"a".repeat(39)}-k3f9q2`],
    ["9", "9-k3f9q2"],
  ])("names the bottle of %s %s", (agent, bottleName) => {
    expect(named(agent)).toBe(bottleName);
  });
});

describe("findAgent()", () => {
  const manifest = aManifest({ agents: { helper: { bottle: "dev" }, other: { bottle: "dev" } } });

  test("gives the agent and its bottle", () => {
    expect(findAgent(manifest, "other")).toMatchObject({ agent: { name: "other" }, bottle: { name: "dev" } });
  });

  test("suggests the nearest name", () => {
    const error = failureFrom(() => findAgent(manifest, "hepler\u001b"));
    expect(error.code).toBe("usage");
    expect(error.message).toBe('Cannot find agent "hepler\\x1b": the manifest has no agent of that name');
    expect(error.details).toEqual(["Defined: helper, other"]);
    expect(error.hint).toBe('Did you mean "helper"?');
  });

  test("says how to make the first one", () => {
    const error = failureFrom(() => findAgent(aManifest({ agents: {} }), "x"));
    expect(error.details).toEqual(["No agent is defined"]);
    expect(error.hint).toBe('Add an agent with "claude-bottle init".');
  });
});
