/** Somebody who has only the binary, an engine and a token: one word on a command line, and claude runs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { binaryPath } from "../support/run-binary.ts";
import { openPty } from "../support/session/pty.ts";
import type { Pty } from "../support/session/pty.ts";
import { beginSessionWorld, realToken } from "../support/session/world.ts";
import type { SessionWorld } from "../support/session/world.ts";
import { aFolder } from "../support/temporary.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
let world: SessionWorld;

/** A terminal in an empty home folder, without a token */
function open(home: string, words: readonly string[], folder = "."): Pty {
  const { CLAUDE_BOTTLE_OAUTH_TOKEN: _, ...environment } = world.environment;
  return openPty([binaryPath, ...words], {
    cwd: join(home, folder),
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", HOME: home, ...environment },
    columns: 130,
    rows: 40,
  });
}

async function answer(terminal: Pty, question: string | RegExp, words: string): Promise<void> {
  await terminal.waitFor(question);
  terminal.type(`${words}\n`);
}

describe.skipIf(typeof found === "string")("a first start", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(found as Engine);
  });
  afterAll(() => world.end());

  test("asks for an agent and a token, and keeps the one and not the other", async () => {
    const home = await aFolder({ "project/README": "" });
    const terminal = open(home, ["start"], "project");
    const begun = performance.now();
    await terminal.waitFor("There is no claude-bottle.json in this project and none in");
    await answer(terminal, "Number (1):", "");
    await answer(terminal, "Name of the agent (helper):", "");
    await answer(terminal, "Name of the new bottle (default):", "");
    await answer(terminal, "Hosts it may reach", "github.com");
    await answer(terminal, "What should it know or do?", "Answer briefly");
    await answer(terminal, "Write this to claude-bottle.json? [y/N]", "y");
    await terminal.waitFor(
      "CLAUDE_BOTTLE_OAUTH_TOKEN is not set, so you are asked for it: stays in the sidecar",
    );
    await answer(terminal, "Start this bottle? [y/N]", "y");
    await answer(terminal, "or an API key; not saved (hidden):", realToken);
    await terminal.waitFor("bypass permissions on", 60_000);
    console.log(`From nothing to claude's prompt in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    terminal.type("/exit");
    await Bun.sleep(600);
    terminal.type("\r");
    expect(await terminal.exitCode).toBe(0);
    expect(terminal.screen()).not.toContain(realToken);
    expect(Bun.JSONC.parse(await readFile(join(home, "project/claude-bottle.json"), "utf8"))).toEqual({
      bottles: { default: { egress: { allowlist: ["github.com"] } } },
      agents: { helper: { bottle: "default", prompt: "Answer briefly" } },
    });
    const typed: Record<string, number> = { [realToken]: 0, "Answer briefly": 0 };
    for await (const path of new Bun.Glob("**/*").scan({ cwd: home, dot: true, absolute: true })) {
      const bytes = await readFile(path);
      for (const word of Object.keys(typed)) if (bytes.includes(word)) typed[word] = (typed[word] ?? 0) + 1;
    }
    expect(typed[realToken]).toBe(0);
    // The control: the same search finds what is meant to be saved
    expect(typed["Answer briefly"]).toBeGreaterThan(0);
    expect(await world.leftovers()).toEqual([]);
  });

  test("hands a token that was asked for on to a bottle in the background", async () => {
    const home = await aFolder({
      "claude-bottle.json": '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }',
    });
    const terminal = open(home, ["start", "a", "--detach"]);
    await answer(terminal, "Start this bottle? [y/N]", "y");
    await answer(terminal, "not saved (hidden):", realToken);
    await terminal.waitFor("It runs in the background", 60_000);
    expect(await terminal.exitCode).toBe(0);
    const stopping = open(home, ["stop", "--all"]);
    expect(await stopping.exitCode).toBe(0);
    expect(await world.leftovers()).toEqual([]);
  });

  test("takes a question that is left for a no, and makes nothing", async () => {
    const home = await aFolder();
    const terminal = open(home, ["start", "mine"]);
    // There is but one place for it here
    await answer(terminal, "Name of the agent (mine):", "");
    await answer(terminal, "Name of the new bottle (default):", "");
    await answer(terminal, "Hosts it may reach", "");
    await answer(terminal, "What should it know or do?", "");
    await answer(terminal, "Write this to", "n");
    await terminal.waitFor('hint: Make one with "claude-bottle init".');
    expect(await terminal.exitCode).toBe(2);
    expect(await Array.fromAsync(new Bun.Glob("claude-bottle.json").scan({ cwd: home }))).toEqual([]);
  });
});
