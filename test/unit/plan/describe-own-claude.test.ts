import { describe, expect, test } from "bun:test";
import {
  describeOwnClaude,
  ownClaudePolicy,
  warnOfOwnClaude,
} from "../../../src/plan/describe-own-claude.ts";
import type { OwnClaudePlan } from "../../../src/plan/own-claude-plan.ts";
import { renderGrants } from "../../../src/plan/preflight.ts";
import { aFilesPlan, aPlan } from "../../support/manifests.ts";

const digest = "7d".repeat(32);
const own = (differences: Partial<OwnClaudePlan> = {}): OwnClaudePlan => ({
  folder: "/home/u/.claude",
  parts: [],
  settings: {},
  commands: [],
  plugins: [],
  lacks: [],
  outside: [],
  needs: [],
  ...differences,
});
const plugin = {
  name: "p@m",
  version: "1.0",
  directory: "/d",
  files: 2,
  bytes: 2048,
  digest,
  leftOut: [],
  hasServers: false,
};

describe("the user's own Claude Code in a plan", () => {
  test("is shown with sizes, and with each command whole", () => {
    const ownClaude = own({
      parts: [
        { kind: "memory", name: "CLAUDE.md", files: 2, bytes: 100, digest },
        { kind: "command", name: "review", files: 1, bytes: 10, digest },
      ],
      commands: [["Stop", `~/.claude/a.sh \u001b[2J${"x".repeat(150)}`]],
      plugins: [{ ...plugin, leftOut: ["out"] }],
    });
    const text = renderGrants(aPlan({ ownClaude }), { hasColor: false });
    expect(/^ {2}own claude .*\n(?: {13}.*\n)*/m.exec(text)?.[0]).toMatchInlineSnapshot(`
      "  own claude from     /home/u/.claude
                   memory   CLAUDE.md  2 files, 100 B (7d7d7d7d…)
                   command  review     1 file, 10 B (7d7d7d7d…)
                   runs     Stop       "~/.claude/a.sh \\x1b[2Jxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                   plugin   p@m        1.0, 2 files, 2.0 KiB (7d7d7d7d…)
                            without    "out", which leads out of the folder or is a special file
      "
    `);
    expect(renderGrants(aPlan(), { hasColor: false })).not.toContain("own claude");
    expect(describeOwnClaude(aPlan())).toEqual([]);
  });

  test("says whether Claude's memory of the project goes in, which is approved whatever is in it", () => {
    const memory = {
      folder: "/home/u/.claude/projects/-w/memory",
      files: 2,
      bytes: 100,
      leftOut: ["a\u001b"],
    };
    expect(describeOwnClaude(aPlan({ ownClaude: own({ remember: { memory } }) })).slice(1)).toEqual([
      ["remembers", memory.folder, "2 files, 100 B"],
      ["", "without", '"a\\x1b": no Markdown files'],
      ["", "changes come back as a diff; nothing of it is taken before you say so"],
    ]);
    expect(describeOwnClaude(aPlan({ ownClaude: own({ remember: {} }) })).slice(1)).toEqual([
      ["remembers", "Claude's own memory of the folder that it starts with"],
    ]);
    for (const remember of [{}, { memory }])
      expect(ownClaudePolicy(aPlan({ ownClaude: own({ remember }) }))).toEqual(["your claude remember"]);
    expect(ownClaudePolicy(aPlan({ ownClaude: own() }))).toEqual([]);
  });

  test("has a line a grant, which is another one for another content", () => {
    const base = own({
      parts: [{ kind: "command", name: "a", files: 1, bytes: 1, digest }],
      settings: { hooks: { Stop: [] } },
    });
    const lines = ownClaudePolicy(aPlan({ ownClaude: { ...base, plugins: [plugin] } }));
    expect(lines).toEqual([
      `your claude command a ${digest}`,
      expect.stringMatching(/^your claude hooks [0-9a-f]{64}$/),
      `your claude plugin p@m ${digest}`,
    ]);
    const other = ownClaudePolicy(aPlan({ ownClaude: { ...base, settings: { hooks: { Stop: [1] } } } }));
    expect(other[1]).not.toBe(lines[1]);
    // Where it is on this machine says nothing of what goes in
    expect(ownClaudePolicy(aPlan({ ownClaude: { ...base, folder: "/x" } }))).toEqual(lines.slice(0, 2));
    expect(ownClaudePolicy(aPlan())).toEqual([]);
  });

  test("warns of what is named and will not be there", () => {
    const ownClaude = own({
      lacks: ["Stop names ~/.claude/x, which is not there"],
      outside: [
        ["~/bin/lint.sh", "Stop"],
        ["~/.config/tool/a", "Stop"],
        ["~/.inputrc", "Stop"],
      ],
    });
    const files = [aFilesPlan({ target: "~/.config/tool/" }), aFilesPlan({ target: "~/.inputrc" })];
    expect(warnOfOwnClaude(aPlan({ ownClaude, files }))).toEqual([
      "your Claude Code: Stop names ~/.claude/x, which is not there",
      'your Claude Code: Stop names ~/bin/lint.sh, which is not in the bottle; "files" can copy it',
    ]);
    expect(warnOfOwnClaude(aPlan())).toEqual([]);
  });

  test("warns of a program that the image does not have, as far as that can be known", () => {
    const needs = ["jq", "uv", "ruby", "uv", "bash", "pip3", "prettier"].map((program, at) => ({
      program,
      by: `h${at}`,
    }));
    const ownClaude = own({ needs });
    const { image } = aPlan();
    const programs = (more: Partial<typeof image>) =>
      warnOfOwnClaude(aPlan({ ownClaude, image: { ...image, ...more } })).map(
        (line) => /runs (\S+),/.exec(line)?.[1],
      );
    expect(programs({})).toEqual(["uv", "ruby", "pip3", "prettier"]);
    expect(warnOfOwnClaude(aPlan({ ownClaude }))[0]).toBe(
      'your Claude Code: h1, h3 runs uv, which the image is not known to have; "packages" can add it',
    );
    const packages = { apt: ["ruby=3.1", "python3-pip"], npm: ["prettier@3", "@scope/uv@1"] };
    expect(programs({ packages })).toEqual([]);
    expect(programs({ dockerfile: "/x" })).toEqual([]);
    expect(programs({ name: "own:1" })).toEqual([]);
    const devcontainer = { path: "/d.json", digest, image: "theirs:1", notes: [] };
    expect(programs({ devcontainer })).toEqual([]);
    expect(programs({ state: "given" })).toEqual([]);
  });

  test("warns of a plugin's servers where the manifest names all that there are", () => {
    const ownClaude = own({ plugins: [{ ...plugin, hasServers: true }] });
    const { agent } = aPlan();
    const claude = { model: undefined, arguments: [], settings: undefined, mcp: {} };
    expect(warnOfOwnClaude(aPlan({ ownClaude, agent: { ...agent, claude } }))).toEqual([
      'plugin p@m: its MCP servers do not start, since "mcp" names all that there are',
    ]);
    expect(warnOfOwnClaude(aPlan({ ownClaude }))).toEqual([]);
  });
});
