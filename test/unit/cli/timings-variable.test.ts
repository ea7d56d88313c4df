/** CLAUDE_BOTTLE_TIMINGS is for the command that was typed, and for nothing that this command starts. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runSource } from "../../support/run-source.ts";
import { aFolder } from "../../support/temporary.ts";

test.each(["1", "json"])("%s reaches no program that a command starts", async (value) => {
  const home = await aFolder();
  const seen = join(home, "seen");
  const env = { CLAUDE_BOTTLE_TIMINGS: value, KEPT: "1", VISUAL: `env >'${seen}'; :` };
  const { stderr } = await runSource(["edit"], { cwd: home, home, env });
  const names = (await Bun.file(seen).text()).split("\n").map((line) => line.split("=")[0]);
  expect(names).not.toContain("CLAUDE_BOTTLE_TIMINGS");
  // Control: the editor has the rest, and the command itself heard of it
  expect(names).toContain("KEPT");
  expect(stderr).toMatch(value === "json" ? /^\{"timings":1,/m : /^Timings: /m);
});
