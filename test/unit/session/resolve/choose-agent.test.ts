import { expect, test } from "bun:test";
import { manifestName } from "../../../../src/host/manifest-files.ts";
import type { App } from "../../../../src/session/app.ts";
import { chooseAgent } from "../../../../src/session/resolve/choose-agent.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, aWorld } from "../../../support/temporary.ts";

/** At no terminal, in a folder whose manifest has these agents. */
async function anApp(...names: readonly string[]): Promise<App> {
  const agents = Object.fromEntries(names.map((name) => [name, { bottle: "b" }]));
  const cwd = await aFolder({ [manifestName]: JSON.stringify({ bottles: { b: {} }, agents }) });
  const world = { ...(await aWorld()), cwd, stdin: { isTTY: false }, stderr: { isTTY: false } };
  return { world } as unknown as App;
}

test("what was typed is taken as it is, and the only agent without a word", async () => {
  expect(await chooseAgent(await anApp("a", "b"), "c")).toBe("c");
  expect(await chooseAgent(await anApp("a"), undefined)).toBe("a");
});

test("of several none is taken where nobody can be asked, and all are named", async () => {
  const { details, exitCode } = await failureOf(chooseAgent(await anApp("a", "b"), undefined));
  expect([details, exitCode]).toEqual([["Defined: a, b"], 2]);
});

test("where there is none, that is said", async () => {
  const { details, hint } = await failureOf(chooseAgent(await anApp(), undefined));
  expect(details).toEqual(["No agent is defined"]);
  expect(hint).toContain("claude-bottle init");
});
