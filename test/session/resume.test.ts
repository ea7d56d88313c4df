import type { Receipt } from "../../src/protocol/receipt.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { SessionWorld } from "../support/session/world.ts";
import { git } from "../support/temporary.ts";

// Needs: openssl
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
let world: SessionWorld;

const manifest = {
  bottles: { plain: { egress: { private: ["api.anthropic.com"] } } },
  agents: { tester: { bottle: "plain", prompt: "" } },
};

describe.skipIf(typeof found === "string")("the real Claude Code, taken up again", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine);
  });
  afterAll(() => world?.end());

  test("goes on with its own session, whose requests hold what was said before", async () => {
    const project = await world.makeProject("runc", manifest);
    await git(project.folder, "init", "--quiet");
    await git(project.folder, "add", "--all");
    await git(project.folder, "commit", "--quiet", "--allow-empty", "--message", "First");
    const prompt = "run: echo made-by-claude > made.txt; echo zebra-$((6*7))";
    const first = await project.run([
      "start",
      "tester",
      "--cwd",
      "--yes",
      "--trust-project",
      "--",
      "-p",
      prompt,
    ]);
    expect(first.stdout).toContain("zebra-42");
    expect(first.stderr).toContain("/uncommitted");
    const [receipt] = JSON.parse((await project.run(["sessions", "--json"])).stdout) as Receipt[];
    expect(receipt?.claudeSession).toMatch(/^[0-9a-f-]{36}$/);
    const words = ["resume", receipt?.session ?? "", "--yes", "--trust-project", "--", "-p", "say: goodbye"];
    const second = await project.run(words);
    expect(second.stderr).not.toContain("error");
    expect(second.stdout).toContain("goodbye");
    const [again] = JSON.parse((await project.run(["sessions", "--json"])).stdout) as Receipt[];
    expect(again?.session).not.toBe(receipt?.session);
    expect(again?.claudeSession).toBe(receipt?.claudeSession);
    const show = `refs/bottles/${again?.session}/uncommitted:made.txt`;
    expect(await git(project.folder, "show", show)).toBe("made-by-claude");
    expect(await world.leftovers()).toEqual([]);
  });
});
