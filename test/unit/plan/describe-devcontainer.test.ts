import { expect, test } from "bun:test";
import { describeDevcontainer } from "../../../src/plan/describe-devcontainer.ts";
import { digest } from "../../../src/plan/digest.ts";
import type { DevcontainerPlan } from "../../../src/plan/devcontainer-plan.ts";
import { effectivePolicy } from "../../../src/plan/policy.ts";
import { renderPreflight } from "../../../src/plan/preflight.ts";
import { aPlan } from "../../support/manifests.ts";

const hostile: DevcontainerPlan = {
  path: "/p/\u001b[2Jd.json",
  digest: digest("{}"),
  build: { dockerfile: "/p/D", context: "/p", args: { A: "1\u001b[31m", B: "x y" }, target: "dev" },
  notes: ["forwardPorts opens no port\u0007"],
};

function planOf(devcontainer: DevcontainerPlan, differences: object = {}) {
  return aPlan({
    image: { ...aPlan().image, devcontainer, buildNetwork: "default", state: "build", ...differences },
  });
}

test("a devcontainer.json is told with all that is taken of it, and moves no cursor", () => {
  const plan = planOf(hostile, { dockerfile: "/p/D", dockerfileText: "FROM x\n" });
  const shown = renderPreflight(plan, { engine: "Docker", change: "first", hasColor: false });
  expect(shown).toContain("stage dev of the Dockerfile");
  expect(shown).toContain('build arguments A="1\\u001b[31m", B="x y"');
  expect(shown).toContain("forwardPorts opens no port");
  expect(shown).toContain("the sidecar, which holds the secrets, runs from the default image");
  expect(shown).toContain("the Dockerfile's RUN lines and what the packages run");
  expect(shown).not.toMatch(/[\u0007\u001b]/);
  expect(shown).not.toContain("on top\n");
});

test("an image by tag is told with what it means now, and fetched after the yes if it is not there", () => {
  const image = { ...hostile, build: undefined, image: "debian:12" };
  const show = (resolved: string) =>
    renderPreflight(planOf(image, { resolved, baseImage: "debian:12" }), {
      engine: "Docker",
      change: "first",
      hasColor: false,
    });
  expect(show("sha256:1")).toContain(
    "debian:12 is sha256:1; a different image of that name needs a new approval",
  );
  expect(show("absent")).toContain("debian:12 is not on this engine: it is fetched after the yes");
});

test("another text of it, another image under its tag and another build are another policy", () => {
  const image: DevcontainerPlan = { path: "/p/d.json", digest: "1", image: "debian:12", notes: [] };
  const policyOf = (changes: Partial<DevcontainerPlan>, differences: object = {}) =>
    JSON.stringify(
      effectivePolicy(planOf({ ...image, ...changes }, { resolved: "sha256:1", ...differences })),
    );
  const first = policyOf({});
  expect(policyOf({ notes: ["other words"] })).toBe(first);
  const others = [
    policyOf({ digest: "2" }),
    policyOf({ path: "/q/d.json" }),
    policyOf({}, { resolved: "sha256:2" }),
    policyOf({}, { reference: "claude-bottle:other" }),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
});

test("a bottle without one says nothing of it", () => {
  expect(describeDevcontainer(aPlan().image)).toEqual([]);
  expect(effectivePolicy(aPlan()).join("\n")).not.toContain("devcontainer");
});

test("features are told with their content and options, and another content is another policy", () => {
  const feature = { id: "./a", folder: "/p/a", options: { VERSION: "1\u001b" }, containerEnv: {} };
  const content = {
    id: "./a",
    directory: "/p/a",
    files: 2,
    bytes: 10,
    digest: "ab".repeat(32),
    isHome: false,
  };
  const devcontainer = { ...hostile, features: [feature] };
  const { image } = planOf(devcontainer, { features: [content] });
  expect(describeDevcontainer(image).flat()).toContain(
    'feature ./a (2 files, 10 B (abababab…)): its install.sh runs as root in the build, with VERSION="1\\u001b"',
  );
  const lines = effectivePolicy(planOf(devcontainer, { features: [content] }));
  expect(lines).toContain(`feature ./a /p/a ${"ab".repeat(32)}`);
  const other = effectivePolicy(
    planOf(devcontainer, { features: [{ ...content, digest: "cd".repeat(32) }] }),
  );
  expect(other).not.toEqual(lines);
});
