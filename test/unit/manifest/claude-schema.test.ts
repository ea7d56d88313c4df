import { describe, expect, test } from "bun:test";
import { aManifest, problemsOf } from "../../support/manifests.ts";

const agentWith = (keys: Record<string, unknown>) => ({
  bottles: { dev: {} },
  agents: { a: { bottle: "dev", ...keys } },
});

describe("what a manifest says about claude", () => {
  test("is read as it is, and is nothing if nothing is said", () => {
    const claude = {
      model: "opus[1m]",
      arguments: ["--verbose"],
      settings: { env: { FOO: "bar" } },
      mcp: {
        files: { command: "mcp-files", args: ["/x"] },
        docs: { type: "http", url: "https://docs.example/mcp" },
      },
    };
    const manifest = aManifest(agentWith(claude));
    expect(manifest.agents.get("a")?.claude as unknown).toEqual(claude);
    expect(aManifest().agents.get("helper")?.claude).toBeUndefined();
  });

  test.each(["2.1.332", "2.2.0-beta.1", "latest"])("may be its release %p", (claude) => {
    const agent = aManifest(agentWith({ claude })).agents.get("a");
    expect(agent?.claudeVersion).toBe(claude);
    expect(agent?.claude).toBeUndefined();
  });

  test.each(["", "2.1", "next", "^2.1.0", "2.1.332 && x", "latest\n", "../x"])(
    "is refused as a release: %j",
    (claude) => {
      expect(problemsOf(agentWith({ claude })).join("\n")).toContain("must be a release of Claude Code");
    },
  );

  test.each([
    [{ model: "--dangerous" }, 'agents.a.model must be the name of a model, not "--dangerous"'],
    [{ arguments: "--x" }, 'agents.a.arguments must be a list, not "--x"'],
    [{ settings: [] }, "agents.a.settings must be an object, not a list"],
    [
      { settings: { env: { HTTPS_PROXY: "x" } } },
      'agents.a.settings sets "HTTPS_PROXY" under env, which is reserved: the bottle\'s proxy settings are the only way out',
    ],
    [{ mcp: { x: {} } }, /^agents.a.mcp.x must have either a command or a url$/],
    [
      { mcp: { x: { command: "a", url: "https://b.example" } } },
      "agents.a.mcp.x must have either a command or a url",
    ],
    [
      { mcp: { x: { url: "https://b.example" } } },
      'agents.a.mcp.x must have "type": "http", "sse" or "ws" with a url, and none of these with a command',
    ],
    [{ mcp: { x: { comand: "a" } } }, 'agents.a.mcp.x.comand is not a known key; did you mean "command"?'],
  ])("is refused: %j", (keys, problem) => {
    expect(problemsOf(agentWith(keys)).join("\n")).toMatch(problem);
  });
});
