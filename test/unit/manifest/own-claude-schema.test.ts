import { describe, expect, test } from "bun:test";
import { aManifest, problemsOf } from "../../support/manifests.ts";

const agentWith = (claude: unknown) => ({
  bottles: { dev: {} },
  agents: { a: { bottle: "dev", claude } },
});
const nothing = {
  memory: false,
  commands: [],
  agents: [],
  styles: [],
  hooks: false,
  plugins: [],
  statusLine: false,
  remember: false,
};

describe("what an agent takes of the user's own Claude Code", () => {
  test("is what it names and nothing else, beside the release", () => {
    const claude = {
      version: "2.1.332",
      memory: true,
      commands: ["review", "front:end", "front/end"],
      agents: ["tester", "tester"],
      styles: ["terse"],
      hooks: true,
      plugins: ["hello@market"],
      statusLine: true,
      remember: true,
    };
    const agent = aManifest(agentWith(claude)).agents.get("a");
    expect(agent?.claudeVersion).toBe("2.1.332");
    expect(agent?.ownClaude).toEqual({
      memory: true,
      commands: ["review", "front/end"],
      agents: ["tester"],
      styles: ["terse"],
      hooks: true,
      plugins: ["hello@market"],
      statusLine: true,
      remember: true,
    });
    expect(aManifest(agentWith({ memory: true })).agents.get("a")?.ownClaude).toEqual({
      ...nothing,
      memory: true,
    });
  });

  test("is nothing where there is a release alone, or nothing is wanted", () => {
    for (const claude of ["latest", {}, { version: "latest" }, { memory: false, commands: [] }])
      expect(aManifest(agentWith(claude)).agents.get("a")?.ownClaude).toBeUndefined();
    expect(aManifest(agentWith({ version: "latest" })).agents.get("a")?.claudeVersion).toBe("latest");
  });

  test("adds up with what the agent extends, and so does the release, of which the own one goes first", () => {
    const agents = {
      base: {
        bottle: "dev",
        claude: { version: "2.1.331", memory: true, commands: ["a"], plugins: ["p@m"] },
      },
      one: { extends: "base", claude: { commands: ["b", "a"], hooks: true, memory: false } },
      two: { extends: "base", claude: "latest" },
      three: { extends: "base" },
    };
    const read = aManifest({ bottles: { dev: {} }, agents }).agents;
    expect(read.get("one")).toMatchObject({
      claudeVersion: "2.1.331",
      ownClaude: { ...nothing, memory: true, hooks: true, commands: ["a", "b"], plugins: ["p@m"] },
    });
    expect(read.get("two")).toMatchObject({ claudeVersion: "latest", ownClaude: { memory: true } });
    expect(read.get("three")).toMatchObject({ claudeVersion: "2.1.331", ownClaude: { commands: ["a"] } });
  });

  const file = (folder: string) => `must be the name of a file in ${folder}, without ".md"`;
  test.each([
    [{ memory: "yes" }, 'agents.a.claude.memory must be true or false, not "yes"'],
    [{ commands: "review" }, 'agents.a.claude.commands must be a list, not "review"'],
    [{ commands: ["../x"] }, `agents.a.claude.commands[0] ${file("commands")}, not "../x"`],
    [{ commands: ["a/../x"] }, `agents.a.claude.commands[0] ${file("commands")}, not "a/../x"`],
    [{ agents: ["/x"] }, `agents.a.claude.agents[0] ${file("agents")}, not "/x"`],
    [{ styles: [".x"] }, `agents.a.claude.styles[0] ${file("output-styles")}, not ".x"`],
    [{ styles: ["x\n"] }, `agents.a.claude.styles[0] ${file("output-styles")}, not "x\\n"`],
    [
      { plugins: ["hello"] },
      'agents.a.claude.plugins[0] must be a plugin with its marketplace: name@marketplace, not "hello"',
    ],
    [
      { plugins: ["../a@b"] },
      'agents.a.claude.plugins[0] must be a plugin with its marketplace: name@marketplace, not "../a@b"',
    ],
    [{ hook: true }, 'agents.a.claude.hook is not a known key; did you mean "hooks"?'],
    [
      { version: "1" },
      'agents.a.claude.version must be a release of Claude Code such as "2.1.330", or "latest", not "1"',
    ],
    [
      { commands: Array.from({ length: 101 }, (_, one) => `a${one}`) },
      "agents.a.claude.commands has more than 100 names",
    ],
  ])("is refused: %j", (claude, problem) => {
    expect(problemsOf(agentWith(claude))).toEqual([problem]);
  });

  test.each([
    [true, "true"],
    [["memory"], "a list"],
    [1, "1"],
    [null, "null"],
  ])("is no %j", (claude, current) => {
    expect(problemsOf(agentWith(claude))).toEqual([`agents.a.claude must be a string, not ${current}`]);
  });
});
