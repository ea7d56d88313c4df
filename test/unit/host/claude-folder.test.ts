import { expect, test } from "bun:test";
import { findClaudeFolder } from "../../../src/host/claude-folder.ts";

test.each([
  [undefined, "/home/u/.claude"],
  ["", "/home/u/.claude"],
  ["/x/cc", "/x/cc"],
  ["cc/", "/work/cc"],
])("with CLAUDE_CONFIG_DIR=%p the folder of Claude Code is %s", (configured, folder) => {
  const env = { CLAUDE_CONFIG_DIR: configured };
  expect(findClaudeFolder({ env, home: "/home/u", cwd: "/work" })).toBe(folder);
});
