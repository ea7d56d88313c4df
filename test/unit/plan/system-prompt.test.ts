import { describe, expect, test } from "bun:test";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { makeSystemPrompt } from "../../../src/plan/system-prompt.ts";
import { aBottle, aPlan, anSshEntry, aWorkspacePlan } from "../../support/manifests.ts";

const egressOf = (keys: Record<string, unknown>) => ({
  ...aPlan().egress,
  destinations: makeDestinations(aBottle(keys)),
});

describe("makeSystemPrompt()", () => {
  test("says where claude is, what it may reach, how a block looks, and what the user would type", () => {
    const egress = egressOf({
      egress: { allowlist: ["github.com", "*.x.test"], private: ["gitea.lan"] },
      ssh: [anSshEntry({ Hostname: "gitea.lan", Port: 30_009 })],
    });
    const text = makeSystemPrompt(aPlan({ egress, workspace: aWorkspacePlan() }));
    expect(text).toContain("named helper-k3f9q2");
    for (const line of [
      "- github.com:443 (TLS)",
      "- *.x.test:443 (TLS)",
      "- gitea.lan:443 (TLS, private)",
      "- gitea.lan:30009 (SSH, private)",
      "  claude-bottle allow helper-k3f9q2 HOST",
    ])
      expect(text.split("\n")).toContain(line);
    for (const words of ["CONNECT tunnel failed, response 403", "403 Forbidden", "Request was cancelled"])
      expect(text).toContain(words);
    expect(text).toContain("comes back to the user at the end");
  });

  test("ends with what the manifest adds, which stays as it is", () => {
    const plan = aPlan();
    const prompt = "Be brief.\n\nReally.";
    expect(makeSystemPrompt({ ...plan, agent: { ...plan.agent, prompt } })).toEndWith(`\n\n${prompt}\n`);
    expect(makeSystemPrompt(plan)).toEndWith("is removed at the end.\n");
  });

  test("says that nothing can be reached, and names at most sixty hosts", () => {
    expect(makeSystemPrompt(aPlan())).toContain("No host can be reached from here.");
    const allowlist = Array.from({ length: 100 }, (_, index) => `h${index}.test`);
    const text = makeSystemPrompt(aPlan({ egress: egressOf({ egress: { allowlist } }) }));
    expect(text.split("\n").filter((line) => line.startsWith("- "))).toHaveLength(61);
    expect(text).toContain("- and 40 more");
  });

  test("says which ignored files come back", () => {
    const workspacePatterns = { bring: ["dist/"], exclude: [] };
    const text = makeSystemPrompt(aPlan({ workspace: aWorkspacePlan(), workspacePatterns }));
    expect(text).toContain("files that git ignores do not, but for dist/.");
  });

  test("holds no value of a secret, and no path and no address of this machine's network", () => {
    const { destinations } = egressOf({ egress: { private: ["nas.lan"] } });
    const egress = {
      ...aPlan().egress,
      destinations: destinations.map((one) => ({ ...one, addresses: ["192.168.1.7"] })),
    };
    const text = makeSystemPrompt(aPlan({ egress, workspace: aWorkspacePlan() }));
    expect(text).toContain("nas.lan:443 (TLS, private)");
    expect(text).not.toContain("192.168");
    expect(text).not.toContain("/code/p");
    expect(text).not.toContain("CLAUDE_BOTTLE_OAUTH_TOKEN");
  });
});
