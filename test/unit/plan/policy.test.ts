import { describe, expect, test } from "bun:test";
import { Secret } from "../../../src/core/secret.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import type { BottlePlan } from "../../../src/plan/plan.ts";
import { diffPolicy, effectivePolicy, policyDigest } from "../../../src/plan/policy.ts";
import {
  aBottle,
  aPlan,
  aFilesPlan,
  aSkillPlan,
  anSshPlan,
  aSource,
  aWorkspacePlan,
} from "../../support/manifests.ts";

const source = aSource();
const image = aPlan().image;
const withDockerfile = (reference: string) => ({ ...image, reference, dockerfile: "/p/agent.Dockerfile" });
const aContext = (digit: string) => ({
  directory: "/p/ctx",
  files: 2,
  bytes: 34,
  digest: digit.repeat(32),
  isHome: false,
});

function changes(before: Partial<BottlePlan>, after: Partial<BottlePlan>) {
  return diffPolicy(effectivePolicy(aPlan(before)), effectivePolicy(aPlan(after)));
}

describe("effectivePolicy()", () => {
  test("is one line per grant, sorted", () => {
    const destinations = makeDestinations(aBottle({ egress: { private: ["git.example"] } }));
    const plan = aPlan({
      env: [{ name: "A", source, kind: "variable", variable: "B" }],
      ssh: [anSshPlan()],
      egress: { filter: "builtin", pipelockImage: undefined, destinations },
    });
    expect(effectivePolicy(plan).filter((line) => !line.startsWith("prompt"))).toMatchInlineSnapshot(`
      [
        "auth gate",
        "bottle dev",
        "env A from B",
        "filter builtin",
        "host git.example:443 tls private",
        "image built on node:22-bookworm-slim",
        "limits memory=4294967296 cpus=all pids=2048",
        "ssh gitea is git@gitea.example:30009 key SHA256:keykeykey from /home/u/.ssh/id host key SHA256:hosthosthost",
      ]
    `);
  });

  test.each<[string, Partial<BottlePlan>]>([
    ["the session", { session: "other0", bottleName: "helper-other0" }],
    ["the place of an entry", { bottle: { name: "dev", source: aSource({ line: 99 }) } }],
    ["whether the image is there already", { image: { ...image, state: "build", reference: "x:y" } }],
    ["the folder that goes in", { workspace: aWorkspacePlan({ credentials: [".env"], notes: ["a"] }) }],
    ["the words for claude", { claudeArguments: ["-p"] }],
  ])("does not change with %s", (_name, difference) => {
    expect(changes({}, difference)).toEqual({ added: [], removed: [] });
  });

  test.each<[string, Partial<BottlePlan>, Partial<BottlePlan>]>([
    [
      "the prompt",
      { agent: { ...aPlan().agent, prompt: "a" } },
      { agent: { ...aPlan().agent, prompt: "b" } },
    ],
    [
      "a literal",
      { env: [{ name: "A", source, kind: "literal", value: new Secret("1") }] },
      { env: [{ name: "A", source, kind: "literal", value: new Secret("2") }] },
    ],
    [
      "what is asked for",
      { env: [{ name: "A", source, kind: "prompt", question: "Gitea token" }] },
      { env: [{ name: "A", source, kind: "prompt", question: "root password" }] },
    ],
    ["a key", { ssh: [anSshPlan()] }, { ssh: [anSshPlan({ fingerprint: "SHA256:other" })] }],
    ["a file's content", { files: [aFilesPlan()] }, { files: [aFilesPlan({ digest: "ab".repeat(32) })] }],
    ["a file's origin", { files: [aFilesPlan()] }, { files: [aFilesPlan({ from: "~/x" })] }],
    ["a file's place", { files: [aFilesPlan()] }, { files: [aFilesPlan({ target: "~/x" })] }],
    ["a skill's content", { skills: [aSkillPlan()] }, { skills: [aSkillPlan({ digest: "ab".repeat(32) })] }],
    ["a key's file", { ssh: [anSshPlan()] }, { ssh: [anSshPlan({ identityFile: "/home/u/.ssh/other" })] }],
    ["an alias", { ssh: [anSshPlan()] }, { ssh: [anSshPlan({ host: "github.com" })] }],
    ["the Dockerfile's text", { image: withDockerfile("c:1") }, { image: withDockerfile("c:2") }],
    [
      "what the Dockerfile copies from",
      { image: { ...withDockerfile("c:1"), context: aContext("1a") } },
      { image: { ...withDockerfile("c:1"), context: aContext("2b") } },
    ],
    [
      "what the name of an image means",
      { image: { ...image, state: "given", name: "x:1", reference: "x:1", resolved: "sha256:1" } },
      { image: { ...image, state: "given", name: "x:1", reference: "x:1", resolved: "sha256:2" } },
    ],
    [
      "what the name below the packages means",
      { image: { ...image, name: "x:1", baseImage: "x:1", resolved: "sha256:1" } },
      { image: { ...image, name: "x:1", baseImage: "x:1", resolved: "sha256:2" } },
    ],
    ["where the token is", { auth: "gate" }, { auth: "env" }],
    [
      "what stays out of the bottle",
      { workspacePatterns: { bring: [], exclude: ["a"] } },
      { workspacePatterns: { bring: [], exclude: ["b"] } },
    ],
    [
      "what comes back though ignored",
      { workspacePatterns: { bring: ["a"], exclude: [] } },
      { workspacePatterns: { bring: ["b"], exclude: [] } },
    ],
    ["a limit", {}, { limits: { ...aPlan().limits, cpus: 64 } }],
  ])("changes by one line with %s", (_name, before, after) => {
    const change = changes(before, after);
    expect([change.added.length, change.removed.length]).toEqual([1, 1]);
  });

  test("holds no value, and whole digests, since short ones can be met by trying", () => {
    const plan = aPlan({ env: [{ name: "A", source, kind: "literal", value: new Secret("hunter2") }] });
    const line = effectivePolicy(plan).find((one) => one.startsWith("env"));
    expect(line).toMatch(/^env A literal [0-9a-f]{64}$/);
  });
});

describe("policyDigest()", () => {
  test("tells two lines from one with a break", () => {
    expect(policyDigest(["a", "b"])).not.toBe(policyDigest(["a\nb"]));
    expect(policyDigest(["a", "b"])).toBe(policyDigest(["a", "b"]));
  });
});

describe("diffPolicy()", () => {
  test("tells what came and what went", () => {
    expect(diffPolicy(["a", "b"], ["b", "c"])).toEqual({ added: ["c"], removed: ["a"] });
  });
});
