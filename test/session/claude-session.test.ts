import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { beginSessionWorld, realToken } from "../support/session/world.ts";
import type { SessionWorld } from "../support/session/world.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let world: SessionWorld;

/** The stand-in's address is private, which a real API's is not */
const manifest = {
  bottles: { plain: { egress: { private: ["api.anthropic.com"] } } },
  agents: { tester: { bottle: "plain", prompt: "You are being tested." } },
};

/** Text and Enter in one write would count as a paste */
async function enter(terminal: { type(text: string): void }, text: string): Promise<void> {
  terminal.type(text);
  await Bun.sleep(600);
  terminal.type("\r");
}

describe.skipIf(typeof found === "string")("the real Claude Code in a bottle", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine);
  });
  afterAll(() => world?.end());

  test.each(runtimes)("answers a prompt with a tool call in a terminal, under %s", async (runtime) => {
    const project = await world.makeProject(runtime, manifest);
    const terminal = project.open(["start", "tester"]);
    await terminal.waitFor("Start this bottle? [y/N]");
    terminal.type("y\n");
    await terminal.waitFor("bypass permissions on", 60_000);
    await enter(terminal, "run: echo tool-$((6*7)) in $(pwd) as $(id -un)");
    await terminal.waitFor("The command printed: tool-42 in /home/node/workspace as node", 90_000);
    // The new size has reached claude when its input line is as wide as the window
    terminal.resize(77, 23);
    await terminal.waitFor(new RegExp(`^${"─".repeat(77)}$`, "m"));
    await enter(terminal, "say: goodbye");
    await terminal.waitFor("● goodbye", 60_000);
    console.log(
      `Transcript under ${runtime}:\n${terminal.screen().split("Start this bottle? [y/N] y").at(-1)}`,
    );
    await enter(terminal, "/exit");
    expect(await terminal.exitCode).toBe(0);
    expect(await world.leftovers()).toEqual([]);
  });

  test("destroys the bottle when its terminal is closed", async () => {
    const project = await world.makeProject("runc", manifest);
    const terminal = project.open(["start", "tester", "--yes"]);
    await terminal.waitFor("bypass permissions on", 60_000);
    // The control: until then there is a bottle
    expect(await project.readJournal()).toMatchObject([{ state: "running" }]);
    terminal.hangUp();
    expect(await terminal.exitCode).toBe(129);
    expect(await world.leftovers()).toEqual([]);
  });

  test.each(runtimes)("answers without a terminal by -- -p, under %s", async (runtime) => {
    const project = await world.makeProject(runtime, manifest);
    const result = await project.run([
      "start",
      "tester",
      "--yes",
      "--",
      "-p",
      "run: printf 'token=%s' \"$CLAUDE_CODE_OAUTH_TOKEN\"",
    ]);
    expect(result.exitCode).toBe(0);
    // claude takes the variable out of its tools' environment, and it would be the placeholder anyway
    expect(result.stdout).toBe("The command printed: token=\n");
    expect(result.stderr).toContain("Starting the bottle");
    expect(await world.leftovers()).toEqual([]);
  });

  test("sends the real credential to the API and never the placeholder", async () => {
    const requests = (await world.api.requests()).filter((request) => request.url.startsWith("/v1/messages"));
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      expect(request.authorization).toBe(`Bearer ${realToken}`);
      expect(request.apiKey).toBeUndefined();
      expect(request.beta).toContain("oauth-2025-04-20");
    }
  });

  test("passes claude's own exit code on", async () => {
    const project = await world.makeProject("runc", manifest);
    const result = await project.run(["start", "tester", "--yes", "--", "--no-such-flag"]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("unknown option '--no-such-flag'");
    expect(await world.leftovers()).toEqual([]);
  });
});
