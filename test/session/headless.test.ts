import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { binaryPath } from "../support/run-binary.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { SessionWorld } from "../support/session/world.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let world: SessionWorld;

const plain = { egress: { private: ["api.anthropic.com"] } };
const manifest = {
  bottles: { plain, asking: { ...plain, env: { KEY: "?the key" } } },
  agents: {
    tester: { bottle: "plain" },
    second: { bottle: "plain" },
    third: { bottle: "plain" },
    asker: { bottle: "asking" },
  },
};

describe.skipIf(typeof found === "string")("claude-bottle run", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine);
  });
  afterAll(() => world.end());

  test.each(runtimes)("prints claude's answer and nothing else on stdout, under %s", async (runtime) => {
    const project = await world.makeProject(runtime, manifest);
    const result = await project.run(["run", "tester", "-p", "run: echo $((6*7))"]);
    expect(result.stdout).toBe("The command printed: 42\n");
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain("Starting the bottle");
    expect(await world.leftovers()).toEqual([]);
  });

  test("takes the prompt from stdin, gives JSON, and is silent with --quiet", async () => {
    const project = await world.makeProject("runc", manifest);
    const words = ["run", "tester", "--output-format=json", "--quiet"];
    const result = await project.run(words, { input: "say: from a pipe\n" });
    expect(result.stderr).toBe("");
    // Nor of what was brought back or refused, which a record has; without the flag both are told
    const working = ["run", "tester", "--cwd", "-p", "run: echo x >new; curl -sS https://refused.test; true"];
    const silent = await project.run([...working, "--quiet"]);
    expect([silent.stderr, silent.exitCode]).toEqual(["", 0]);
    const told = await project.run(working);
    expect(told.stderr).toContain("What the agent changed is in");
    expect(told.stderr).toContain("was blocked from 1 destination");
    expect(JSON.parse(result.stdout)).toMatchObject({ is_error: false, result: "from a pipe" });
    expect(result.exitCode).toBe(0);
    const lines = await project.run([
      "run",
      "tester",
      "-p",
      "say: lines",
      "--output-format=stream-json",
      "-q",
    ]);
    const events = lines.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly type: string });
    expect(events.at(0)?.type).toBe("system");
    expect(events.at(-1)).toMatchObject({ type: "result", result: "lines" });
  });

  test("says at once what it would have to ask", async () => {
    const project = await world.makeProject("runc", manifest);
    const asked = await project.run(["run", "asker", "-p", "say: x"]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain('Cannot ask for KEY: "claude-bottle run" asks nothing');
    await writeFile(join(project.folder, "claude-bottle.json"), JSON.stringify(manifest));
    const untrusted = await project.run(["run", "tester", "-p", "say: x"]);
    expect(untrusted.exitCode).toBe(2);
    expect(untrusted.stderr).toContain("--trust-project");
    const nameless = await project.run(["run", "-p", "say: x"]);
    expect(nameless.exitCode).toBe(2);
    expect(nameless.stderr).toContain("Cannot tell which agent is meant: none is named");
    const trusted = await project.run(["run", "tester", "-p", "say: x", "--trust-project", "-q"]);
    expect(trusted.stdout).toBe("x\n");
    expect(await world.leftovers()).toEqual([]);
  });

  test("ends when its time is over, with the exit code of timeout", async () => {
    const project = await world.makeProject("runc", manifest);
    const result = await project.run(["run", "tester", "-p", "run: tail -f /dev/null", "--timeout=6s"]);
    expect(result.exitCode).toBe(124);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("its time limit of 6 s is over");
    expect(await world.leftovers()).toEqual([]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("destroys the bottle on %s", async (signal) => {
    const project = await world.makeProject("runc", manifest);
    const before = (await world.api.requests()).length;
    const child = project.spawn(["run", "tester", "-p", "run: tail -f /dev/null"]);
    while ((await world.api.requests()).length === before) await Bun.sleep(200);
    child.kill(signal);
    expect(await child.exited).toBe(signal === "SIGTERM" ? 143 : 130);
    expect(await world.leftovers()).toEqual([]);
  });

  test("runs three agents side by side from a script and collects their results", async () => {
    const project = await world.makeProject("runc", manifest);
    const child = Bun.spawn(["sh", join(import.meta.dir, "three-agents.sh"), binaryPath], {
      cwd: project.folder,
      env: { PATH: process.env["PATH"] ?? "", ...project.environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(stderr).toBe("");
    expect(stdout).toBe("tester 0 one\nsecond 0 The command printed: 4\nthird 1 \n");
    expect(await child.exited).toBe(1);
    expect(await world.leftovers()).toEqual([]);
  });
});
