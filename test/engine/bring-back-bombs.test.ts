import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { agentBombs } from "../support/agent-bombs.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, runSession } from "../support/scripted-session.ts";
import { aFolder, git, putFiles } from "../support/temporary.ts";
import { asAgent, makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(900_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(image === undefined)("an agent's work that is small and costs much", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(agentBombs.map((bomb, index) => [bomb.name, bomb, index] as const))(
    "is told and kept, and what is in measure comes back: %s",
    async (_name, { script, arrives, told }, index) => {
      const runtime = runtimes[index % runtimes.length] ?? "runc";
      const world = await makeWorkWorld(run, image ?? "", runtime);
      const { stderr } = await runSession(world, `${asAgent} ${script}`);
      expect(stderr).toMatch(told);
      expect(stderr).toContain("The work is kept.");
      const text = await git(world.workspace, "for-each-ref", "--format=%(refname)", "refs/bottles");
      const names = text.split("\n").filter(Boolean);
      const refs = names.map((name) => name.split("/").slice(3).join("/"));
      expect(refs).toEqual(expect.arrayContaining([...arrives]));
      expect(refs).not.toContain("heads/bomb");
      const main = names.find((name) => name.endsWith("/heads/main"));
      if (main !== undefined) expect(await git(world.workspace, "show", `${main}:work.txt`)).toBe("work");
      expect((await listLeft(engine, run)).some((name) => name.endsWith("-work"))).toBe(true);
      await world.remove();
    },
  );
});

test.each(agentBombs.map((bomb) => [bomb.name, bomb] as const))(
  "control: a git that nobody limits takes it and goes beyond the measure: %s",
  async (_name, { script, control, limit }) => {
    const [above, home] = [await aFolder(), await aFolder()];
    const workspace = join(above, "workspace");
    await mkdir(workspace);
    await git(workspace, "init", "--quiet");
    await putFiles(workspace, { "a.txt": "a\n" });
    await git(workspace, "add", "--all");
    await git(workspace, "commit", "--quiet", "--message", "First");
    const run = (text: string) => {
      const env = { PATH: process.env["PATH"] ?? "", HOME: home, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
      return Bun.spawnSync(["/bin/sh", "-c", `ulimit -c 0; ${text}`], { cwd: workspace, env });
    };
    run(`${asAgent} ${script}`);
    const { stdout, stderr } = run(control);
    expect(Number(String(stdout).trim() || String(stderr))).toBeGreaterThan(limit);
  },
);
