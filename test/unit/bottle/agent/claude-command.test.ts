import { describe, expect, test } from "bun:test";
import { makeClaudeCommand } from "../../../../src/bottle/agent/claude-command.ts";
import { aPlan } from "../../../support/manifests.ts";

const plugin = {
  version: "1",
  directory: "/d",
  files: 1,
  bytes: 1,
  digest: "d",
  leftOut: [],
  hasServers: false,
};
const own = { folder: "/f", parts: [], settings: {}, commands: [], lacks: [], outside: [], needs: [] };

describe("claude's command line", () => {
  test("names the folder of each plugin in the bottle, in front of the user's own words", () => {
    const plugins = ["one@m", "two@m"].map((name) => ({ ...plugin, name }));
    const command = makeClaudeCommand(
      aPlan({ ownClaude: { ...own, plugins }, claudeArguments: ["-p", "x"] }),
    );
    expect(command.slice(-6)).toEqual([
      "--plugin-dir",
      "/home/node/.claude-bottle/plugins/one@m",
      "--plugin-dir",
      "/home/node/.claude-bottle/plugins/two@m",
      "-p",
      "x",
    ]);
  });

  test("names none where there is none", () => {
    expect(makeClaudeCommand(aPlan())).not.toContain("--plugin-dir");
  });
});
