/** A value that is asked for, from somebody's keys to the bottle's environment: whole, and nothing of it elsewhere. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { longestText } from "../../src/core/exec-limits.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { listContainers } from "../../src/engine/containers.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "../support/run-source.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { openPty } from "../support/session/pty.ts";
import type { Pty } from "../support/session/pty.ts";
import { aFolder, putFiles } from "../support/temporary.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;

/** Says what it has and what is typed to it, up to a line that says so */
const script =
  'printf "<%s>\\n" "$KEY"; echo reads; while read -r line && [ "$line" != end ]; do echo "typed: $line"; done';
const key = "-----BEGIN K-----\nabc\n-----END K-----";

async function prepare(env: Readonly<Record<string, string>>, words: readonly string[]) {
  const home = await aFolder();
  await putFiles(home, {
    "claude-bottle.json": JSON.stringify({ bottles: { b: { env } }, agents: { a: { bottle: "b" } } }),
  });
  const label = Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "";
  const variables = {
    CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
    CLAUDE_BOTTLE_LABELS: label,
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    LONG: "x".repeat(longestText - "LONG=".length),
  };
  return { words: [...words, "--", "-c", script], options: { cwd: home, home, env: variables } };
}

async function open(env: Readonly<Record<string, string>>): Promise<Pty> {
  const { words, options } = await prepare(env, ["start", "a"]);
  return openPty([...sourceCommand, ...words], {
    cwd: options.cwd,
    env: { ...makeSourceEnvironment(options), TERM: "xterm" },
    columns: 160,
    rows: 60,
  });
}

async function listMade(): Promise<number> {
  const labels = Object.entries(run.labels).map(([name, value]) => `${name}=${value}`);
  return (await listContainers(engine, labels)).length;
}

describe.skipIf(typeof found === "string")("a value that is asked for", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each([
    ["by a terminal that marks pastes", `\u001b[200~${key.replaceAll("\n", "\r")}\u001b[201~\r`],
    ["by one that does not", `${key}\n`],
  ])("goes in whole when it is pasted %s, and nothing of it is typed to claude", async (_name, typed) => {
    const pty = await open({ KEY: "?paste the key" });
    await pty.waitFor("Start this bottle? [y/N]");
    pty.type("y\nand more\n");
    await pty.waitFor("KEY: paste the key (hidden):");
    pty.type(typed);
    await pty.waitFor("Starting the bottle");
    pty.type("too early\n");
    await pty.waitFor(`<${key}>`);
    await pty.waitFor("reads");
    // The control: what is typed when claude reads does reach it
    pty.type("in time\rend\r");
    expect(await pty.exitCode).toBe(0);
    expect(pty.screen().match(/^typed: .*$/gm)).toEqual(["typed: in time"]);
  });

  test("is refused before anything is made if no program can be started with it", async () => {
    const asked = await open({ KEY: "?the key" });
    await asked.waitFor("Start this bottle? [y/N]");
    asked.type("y\n");
    await asked.waitFor("(hidden):");
    asked.type(`\u001b[200~${"x".repeat(longestText)}\u001b[201~\r`);
    await asked.waitFor("error: Cannot set KEY: with its name it has 131075 bytes");
    expect(await asked.exitCode).toBe(2);
    const copied = await prepare({ LONGER_NAME: "${LONG}" }, ["start", "a", "--yes"]);
    const { stderr, exitCode } = await runSource(copied.words, copied.options);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error: Cannot set LONGER_NAME: ")]);
    expect(stderr).not.toContain("xxx");
    expect(await listMade()).toBe(0);
  });

  test("goes in if it is as long as can be", async () => {
    const { words, options } = await prepare({ LONG: "${LONG}" }, ["start", "a", "--yes"]);
    const measure = [...words.slice(0, -1), 'echo "${#LONG}"'];
    const { stdout, exitCode } = await runSource(measure, options);
    expect([exitCode, stdout]).toEqual([0, `${longestText - "LONG=".length}\n`]);
  });
});
