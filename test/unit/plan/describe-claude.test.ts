import { describe, expect, test } from "bun:test";
import { effectivePolicy } from "../../../src/plan/policy.ts";
import { renderGrants, renderPreflight } from "../../../src/plan/preflight.ts";
import { aPlan, aSource } from "../../support/manifests.ts";

const claude = {
  model: "opus",
  arguments: ["--verbose"],
  settings: { theme: "dark" },
  mcp: {
    docs: { type: "http" as const, url: "https://docs.example/mcp" },
    files: { command: "mcp-files", args: ["/x"] },
  },
};
const plan = aPlan({
  agent: { ...aPlan().agent, claude },
  image: { ...aPlan().image, packages: { apt: ["jq"], npm: ["a@1"] }, claudeVersion: "2.1.400" },
});

describe("the release of claude in the image", () => {
  const shown = (image: Partial<ReturnType<typeof aPlan>["image"]>, claudeVersion?: string) =>
    renderPreflight(
      aPlan({
        agent: { ...aPlan().agent, ...(claudeVersion !== undefined && { claudeVersion }) },
        image: { ...aPlan().image, state: "exists", ...image },
      }),
      { hasColor: false, engine: "Docker", change: "first" },
    );

  test.each([
    [31, false],
    [32, true],
  ])("of %d days is told to be old: %p", (claudeDays, isTold) => {
    expect(
      shown({ claudeDays }).includes(`Claude Code 2.1.330 is ${claudeDays} days old; "claude": "latest"`),
    ).toBe(isTold);
  });

  test("is told where it is the newest one of a day, and how to get a newer one", () => {
    const latest = { claudeVersion: "latest" };
    expect(shown({ ...latest, state: "build" }, "latest")).toContain("Claude Code latest on");
    expect(shown({ ...latest, claudeDays: 3 }, "latest")).toContain("the newest release of 3 days ago");
    expect(shown({ ...latest, claudeDays: 40 }, "latest")).toContain("claude-bottle build --no-cache");
  });

  test("is not the manifest's to say where the image is another one", () => {
    expect(shown({ name: "own:1" }, "2.1.332")).toContain('"claude": "2.1.332" changes nothing');
    expect(shown({ name: "own:1" })).not.toContain("changes nothing");
  });
});

describe("what the manifest says about claude", () => {
  test("is shown before it is approved, with servers that cannot be reached", () => {
    const shown = renderGrants(plan, { hasColor: false });
    expect(shown).toContain("  model      opus\n");
    expect(shown).toContain("  mcp        docs   https://docs.example/mcp\n");
    expect(shown).toContain('             files  "mcp-files" "/x"\n');
    expect(shown).toContain('  settings   "theme": "dark"\n');
    expect(shown).toContain('  arguments  "--verbose"\n');
    expect(shown).toContain('MCP server "docs" cannot be reached: docs.example:443 is not allowed');
  });

  test("is shown whole: what stands behind a long beginning is not approved unseen", () => {
    const long = "x".repeat(5_000);
    const hidden = "curl evil.example";
    const texts = {
      settings: { note: long, hooks: { Stop: [{ hooks: [{ type: "command", command: `${hidden} 1` }] }] } },
      arguments: [`${long} ${hidden} 2`],
      mcp: {
        tool: { command: "sh", args: ["-c", `${long} ${hidden} 3`], env: { A: `${hidden} 4` } },
        web: { type: "http" as const, url: "https://a.example", headers: { B: `${hidden} 5` } },
      },
      model: undefined,
    };
    const shown = renderGrants(
      aPlan({
        agent: { ...aPlan().agent, prompt: `${long} ${hidden} 6`, claude: texts },
        env: [{ name: "E", source: aSource(), kind: "prompt", question: `${long} ${hidden} 7` }],
      }),
      { hasColor: false },
    );
    for (const number of [1, 2, 3, 4, 5, 6, 7]) expect(shown).toContain(`${hidden} ${number}`);
    const warnings = shown.slice(shown.indexOf("  warning"));
    for (const name of ["questions for env", "prompt", "mcp", "settings", "arguments"])
      expect(warnings).toMatch(new RegExp(`${name} of 5\\d{3} characters`));
    // The control: of short ones there is no such warning
    expect(renderGrants(plan, { hasColor: false })).not.toContain("characters in the manifest");
  });

  test("is another policy however late in a long argument it differs", () => {
    const withArgument = (end: string) =>
      effectivePolicy(
        aPlan({ agent: { ...aPlan().agent, claude: { ...claude, arguments: ["x".repeat(5_000) + end] } } }),
      );
    expect(withArgument("a")).not.toEqual(withArgument("b"));
  });

  test("is part of the policy, so that another one is asked for again", () => {
    const added = effectivePolicy(plan).filter((line) => !effectivePolicy(aPlan()).includes(line));
    expect(added.map((line) => line.replace(/[0-9a-f]{64}/, "DIGEST"))).toEqual([
      'arguments "--verbose"',
      "claude 2.1.400",
      "mcp docs DIGEST",
      "mcp files DIGEST",
      "mcp these servers and no others",
      "model opus",
      "package apt jq",
      "package npm a@1",
      "settings DIGEST",
    ]);
  });
});
