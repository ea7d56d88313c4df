/** Services in a session from the command line. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeSessionWorld, runCommand, spawnCommand } from "../support/scripted-session.ts";

setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("services of a compose file, from the command line", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("serve a session, are there for its time alone, and are told of in full", async () => {
    const image = await ensureScriptedClaude(engine);
    const world = await makeSessionWorld(run, image, "runc");
    try {
      const redis = await ensureRedis(engine);
      await writeFile(
        join(world.home, "services.yml"),
        `services:\n  cache:\n    image: ${redis}\n    ports: ["6379:6379"]\n`,
      );
      const manifest = { bottles: { b: { compose: "services.yml" } }, agents: { hello: { bottle: "b" } } };
      await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
      const plan = await runCommand(world, ["start", "hello", "--empty", "--dry-run"]);
      expect(plan.stdout).toContain("~/services.yml:4  cache.ports is not taken: nothing is published");
      // Whoever names it, the file is somebody else's until it was approved
      const refused = await runCommand(world, ["start", "hello", "--empty", "--yes", "--", "-c", "true"]);
      expect(refused.stderr).toContain("was not approved");
      const script = String.raw`exec 3<>/dev/tcp/cache/6379; printf "PING\r\n" >&3; head -n 1 <&3 | tr -d "\r"; echo $NO_PROXY | grep -o cache`;
      const flags = ["--empty", "--yes", "--trust-project"];
      const { stdout, exitCode } = await runCommand(world, ["start", "hello", ...flags, "--", "-c", script]);
      expect([stdout, exitCode]).toEqual(["+PONG\ncache\n", 0]);
      expect(await listLeft(engine, run)).toEqual([]);
    } finally {
      await world.remove();
    }
  });

  test("are used by who looks into a running bottle, and go with a launcher that is killed", async () => {
    const image = await ensureScriptedClaude(engine);
    const world = await makeSessionWorld(run, image, "runc");
    try {
      const services = { cache: { image: await ensureRedis(engine), keep: true } };
      const manifest = { bottles: { b: { services } }, agents: { hello: { bottle: "b" } } };
      await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
      const words = ["start", "hello", "--empty", "--yes", "--", "-c", "echo up; sleep 300"];
      const launcher = spawnCommand(world, words);
      const reader = launcher.stdout.getReader();
      await reader.read();
      const logs = await runCommand(world, ["logs", "hello", "cache"]);
      expect(logs.stdout).toContain("Ready to accept connections");
      const redis = ["exec", "hello", "--service", "cache", "--", "redis-cli"];
      const set = await runCommand(world, [...redis, "set", "a", "b"]);
      expect(set).toMatchObject({ stdout: "OK\n", exitCode: 0 });
      const restarted = await runCommand(world, ["restart", "hello", "--service", "cache"]);
      expect(restarted).toMatchObject({
        stderr: expect.stringContaining("Restarted cache of hello-"),
        exitCode: 0,
      });
      const get = await runCommand(world, [...redis, "get", "a"]);
      // Redis has written it down when it was asked to end
      expect(get.stdout).toBe("b\n");
      const none = await runCommand(world, ["logs", "hello", "cach"]);
      expect(none.stderr).toContain('Did you mean "cache"?');
      launcher.kill("SIGKILL");
      await launcher.exited;
      await reader.cancel();
      let left = await listLeft(engine, run);
      while (left.some((name) => !name.includes("-data-"))) left = await listLeft(engine, run);
      // What is kept belongs to no session
      expect(left).toEqual([expect.stringMatching(/^claude-bottle-data-b-cache-[0-9a-f]{16}-0$/)]);
    } finally {
      await world.remove();
    }
  });
});
