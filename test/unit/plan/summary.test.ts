import { describe, expect, test } from "bun:test";
import { Secret } from "../../../src/core/secret.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import type { BottlePlan } from "../../../src/plan/plan.ts";
import { renderOneLine, renderSummary } from "../../../src/plan/summary.ts";
import { aBottle, aPlan, anSshEntry, anSshPlan, aSource, aWorkspacePlan } from "../../support/manifests.ts";

const context = { hasColor: false, width: 80, shorten: (path: string) => path.replace("/home/u", "~") };

/** Of this many hosts, and with everything else that a plan can have. */
function aFullPlan(hosts: number): BottlePlan {
  const allowlist = Array.from({ length: hosts }, (_, index) => `host${index}.github.com`);
  const egress = { allowlist, private: ["gitea.lan"], http: ["mirror.lan"] };
  return aPlan({
    env: [
      { name: "BOUND", source: aSource(), kind: "variable", variable: "V", hosts: ["a.test"] },
      { name: "INSIDE", source: aSource(), kind: "prompt", question: "q" },
      { name: "PLAIN", source: aSource(), kind: "literal", value: new Secret("x") },
    ],
    ssh: [anSshPlan()],
    egress: {
      filter: "pipelock",
      pipelockImage: "p",
      destinations: makeDestinations(aBottle({ egress, ssh: [anSshEntry()] })),
    },
    runtime: { name: "runsc", label: "runsc (gVisor)", reason: "", state: "ready" },
    workspace: aWorkspacePlan({ directory: "/home/u/shop", credentials: [".env"] }),
  });
}

describe("renderSummary()", () => {
  test("shows a full plan", () => {
    expect(renderSummary(aFullPlan(1), context)).toMatchInlineSnapshot(`
      "helper → bottle dev                              unchanged since you approved it
        folder   ~/shop → copy, 120 files; yours is not touched
        network  gitea.example (SSH)   gitea.lan (private)   and 3 more
        secrets  in the bottle: INSIDE   outside: BOUND, ssh gitea   1 plain variable
        walls    runsc (gVisor) · pipelock · 4.0 GiB
      ! host0.github.com is a code host: anybody with a token can push to a repositor…
      ! 1 file that looks like a credential goes into the bottle: ".env"; "workspace"…
      "
    `);
  });

  test("shows an upstream proxy", () => {
    const plan = aPlan();
    const proxy = {
      host: "proxy.corp",
      port: 3128,
      hasCredentials: true,
      variable: "X",
      direct: [],
      nameservers: [],
    };
    const behind = { ...plan, egress: { ...plan.egress, proxy } };
    expect(renderSummary(behind, context)).toContain("runc · pipelock · proxy proxy.corp:3128 · 4.0 GiB\n");
  });

  test("shows a plan without anything", () => {
    expect(renderSummary(aPlan(), context)).toMatchInlineSnapshot(`
      "helper → bottle dev                              unchanged since you approved it
        folder   none is copied; the bottle's folder is empty
        network  api.anthropic.com (token stays outside)
        secrets  none in the bottle
        walls    runc · pipelock · 4.0 GiB
      "
    `);
  });

  test.each([
    [0, 80],
    [1, 80],
    [40, 80],
    [40, 40],
    [40, 200],
  ])("with %i hosts has at most seven lines, none of more than %i characters", (hosts, width) => {
    const lines = renderSummary(aFullPlan(hosts), { ...context, width })
      .trimEnd()
      .split("\n");
    expect(lines.length).toBeLessThanOrEqual(7);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test("counts what does not fit", () => {
    const text = renderSummary(aFullPlan(40), context);
    expect(text).toMatch(/network .* and \d+ more$/m);
    expect(text).toMatch(/^! \d+ more warnings: see the details \(d\)$/m);
  });

  test("says what is weak: the token inside, no filter, an image that is built first", () => {
    const plan = aPlan();
    const text = renderSummary(
      {
        ...plan,
        auth: "env",
        image: { ...plan.image, state: "build" },
        egress: { filter: "builtin", pipelockImage: undefined, destinations: [] },
      },
      context,
    );
    expect(text).toContain("in the bottle: Claude's token");
    expect(text).toContain("gate alone, no DLP");
    expect(text).toContain("the image is built first");
  });

  test("draws nothing that a name holds, and puts colours around warnings alone", () => {
    const plan = aFullPlan(1);
    const agent = { ...plan.agent, name: "a\u001b[2J\nStart? y" };
    const workspace = aWorkspacePlan({ directory: "/x\u001b[31m", credentials: ["\u001b[2J"] });
    const text = renderSummary({ ...plan, agent, workspace }, { ...context, width: 200 });
    expect(text).not.toContain("\u001b");
    expect(text.split("\n")).toHaveLength(8);
    const painted = renderSummary(aFullPlan(1), { ...context, hasColor: true });
    expect(painted.split("\n").filter((line) => line.startsWith("\u001b[33m! "))).toHaveLength(2);
  });
});

test("renderOneLine() is one line, whatever the names are", () => {
  const plan = aFullPlan(2);
  const shown = renderOneLine(plan, context);
  expect(shown).toBe(
    "helper → bottle dev: unchanged since you approved it; ~/shop, 5 hosts, runsc (gVisor)\n",
  );
  const bottle = { ...plan.bottle, name: "b\nx" };
  expect(renderOneLine({ ...plan, bottle }, context).split("\n")).toHaveLength(2);
});
