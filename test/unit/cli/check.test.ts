import { describe, expect, test } from "bun:test";
import { command } from "../../../src/cli/commands/check.ts";
import { failureOf } from "../../support/failure.ts";
import { aCommandHome } from "../../support/run-command.ts";

async function check(bottle: Record<string, unknown>, agent: Record<string, unknown> = {}) {
  const content = { bottles: { b: bottle }, agents: { a: { bottle: "b", ...agent } } };
  const { run } = await aCommandHome({ "claude-bottle.json": JSON.stringify(content) });
  return run(command, {});
}

describe("check", () => {
  test("is content with what will work", async () => {
    const { stderr, exitCode } = await check({ egress: { allowlist: ["a.test"] } });
    expect([exitCode, stderr]).toEqual([0, "~/claude-bottle.json: 1 agent and 1 bottle, all fine.\n"]);
  });

  test("refuses a host that can never be reached, with its place", async () => {
    const error = await failureOf(check({ egress: { allowlist: ["10.0.0.1"] } }));
    expect([error.exitCode, error.message]).toEqual([2, "Cannot reach 1 host of the manifest"]);
    expect(error.details[0]).toMatch(/^~\/claude-bottle\.json:1:\d+  10\.0\.0\.1 cannot be reached: /);
  });

  test("warns of a skill and a key that are not there, and of a variable without braces", async () => {
    const { hostKey } = await import("../../support/manifests.ts");
    const ssh = [
      { Host: "g", Hostname: "g.test", User: "git", IdentityFile: "~/.ssh/none", KnownHostKey: hostKey },
    ];
    const { stderr, exitCode } = await check({ env: { A: "$B" }, ssh }, { skills: ["none"] });
    expect(exitCode).toBe(0);
    expect(stderr.split("\n").filter((line) => line.startsWith("warning: "))).toHaveLength(3);
    expect(stderr).toContain('Cannot find skill "none"');
    expect(stderr).toContain(".ssh/none");
    expect(stderr).toEndWith("1 agent and 1 bottle, valid, with 3 warnings.\n");
  });

  test("warns of a file and of a part of Claude Code that are not there", async () => {
    const { stderr, exitCode } = await check(
      { files: { "~/.none": "~/.none" } },
      { claude: { commands: ["none"] } },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Cannot copy "~/.none" into the bottle: it is not there');
    expect(stderr).toContain('Cannot find command "none" of your Claude Code');
    expect(stderr).toEndWith("1 agent and 1 bottle, valid, with 2 warnings.\n");
  });
});
