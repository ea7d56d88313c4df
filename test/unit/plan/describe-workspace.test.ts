import { describe, expect, test } from "bun:test";
import {
  describeWorkspace,
  warnOfCredentials,
  workspacePolicy,
} from "../../../src/plan/describe-workspace.ts";
import { aPlan, aSkillPlan, aWorkspacePlan } from "../../support/manifests.ts";

const workspacePatterns = { bring: ["dist/", "a, b"], exclude: [".env"] };

describe("describeWorkspace()", () => {
  test("says what goes in, what stays out and how it comes back", () => {
    const workspace = aWorkspacePlan({ notes: ["LFS files go in as pointers (3 files)"] });
    expect(describeWorkspace(aPlan({ workspace, workspacePatterns }))).toMatchInlineSnapshot(`
      [
        "/code/p: a copy of 120 files, 338 KiB and the repository without its hooks and credentials",
        "LFS files go in as pointers (3 files)",
        "what the agent commits or changes comes back as refs/bottles/k3f9q2/…; this folder is not touched",
        "left out: ".env"",
        "pulled although git ignores them: "dist/", "a, b"",
      ]
    `);
  });

  test("shows the patterns without a folder too, since a yes is for them", () => {
    expect(describeWorkspace(aPlan({ workspacePatterns }))).toMatchInlineSnapshot(`
      [
        "none: an empty folder (--cwd copies this folder in)",
        "with --cwd, left out: ".env"",
        "with --cwd, pulled although git ignores them: "dist/", "a, b"",
      ]
    `);
  });
});

describe("warnOfCredentials()", () => {
  const warn = (credentials: string[]) =>
    warnOfCredentials(aPlan({ workspace: aWorkspacePlan({ credentials }) }));

  test("names what looks like one, escaped, and counts what is too much to name", () => {
    // The control: where none looks like one there is no warning
    expect(warn([])).toEqual([]);
    expect(warn([".env"])).toMatchInlineSnapshot(`
      [
        "1 file that looks like a credential goes into the bottle: ".env"; "workspace": { "exclude": […] } in the manifest leaves files out",
      ]
    `);
    const many = Array.from({ length: 12 }, (_, index) => `k${index}\u001b.pem`);
    expect(warn(many)).toMatchInlineSnapshot(`
      [
        "12 files that look like credentials go into the bottle: "k0\\x1b.pem", "k1\\x1b.pem", "k2\\x1b.pem", "k3\\x1b.pem", "k4\\x1b.pem", "k5\\x1b.pem", "k6\\x1b.pem", "k7\\x1b.pem", "k8\\x1b.pem", "k9\\x1b.pem" and 2 more; "workspace": { "exclude": […] } in the manifest leaves files out",
      ]
    `);
    expect(warnOfCredentials(aPlan())).toEqual([]);
  });

  test("names those of skills", () => {
    const skills = [aSkillPlan({ credentials: [".env", "a.p12"] }), aSkillPlan()];
    expect(warnOfCredentials(aPlan({ skills }))).toMatchInlineSnapshot(`
      [
        "2 files of the skill init-prd that look like credentials go into the bottle: ".env", "a.p12"",
      ]
    `);
  });
});

describe("workspacePolicy()", () => {
  test("is a line a pattern, and the same with a folder and without", () => {
    const lines = workspacePolicy(aPlan({ workspacePatterns }));
    expect(lines).toMatchInlineSnapshot(`
      [
        "workspace leaves out ".env"",
        "workspace brings back ignored "dist/"",
        "workspace brings back ignored "a, b"",
      ]
    `);
    expect(workspacePolicy(aPlan({ workspacePatterns, workspace: aWorkspacePlan() }))).toEqual(lines);
  });
});
