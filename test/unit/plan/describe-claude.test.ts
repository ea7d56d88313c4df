import { describe, expect, test } from "bun:test";
import { effectivePolicy } from "../../../src/plan/policy.ts";
import { renderGrants } from "../../../src/plan/preflight.ts";
import { aPlan } from "../../support/manifests.ts";

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

describe("what the manifest says about claude", () => {
  test("is shown before it is approved, with servers that cannot be reached", () => {
    const shown = renderGrants(plan, false);
    expect(shown).toContain("  model      opus\n");
    expect(shown).toContain("  mcp        docs   https://docs.example/mcp\n");
    expect(shown).toContain('             files  "mcp-files" "/x"\n');
    expect(shown).toContain('  settings   "{\\"theme\\":\\"dark\\"}"\n');
    expect(shown).toContain('  arguments  "--verbose"\n');
    expect(shown).toContain('MCP server "docs" cannot be reached: docs.example:443 is not granted');
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
