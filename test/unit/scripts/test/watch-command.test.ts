import { expect, test } from "bun:test";
import { watchCommand } from "../../../../scripts/lib/test/watch-command.ts";

async function run(script: string, idleMs = 60_000) {
  const lines: string[] = [];
  const end = await watchCommand({
    words: ["/bin/sh", "-c", script],
    cwd: "/",
    env: { PATH: process.env["PATH"] },
    idleMs,
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  return { ...end, lines };
}

/** What has ended may still wait for whoever collects it */
function isRunning(pid: string | undefined): boolean {
  const { stdout } = Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)]);
  return /^[^Z]/.test(stdout.toString().trim());
}

async function hasEnded(pid: string | undefined): Promise<boolean> {
  while (isRunning(pid)) await Bun.sleep(20);
  return true;
}

test.each([
  ["with its output", "sleep 3600 & echo $!; exit 3"],
  ["with none", "sleep 3600 >/dev/null 2>&1 & echo $!; exit 3"],
])("ends what a command leaves behind, %s, and keeps its words and its exit code", async (_name, script) => {
  const { exitCode, wasIdle, lines } = await run(script);
  expect([exitCode, wasIdle, lines.length]).toEqual([3, false, 1]);
  expect(await hasEnded(lines[0])).toBe(true);
});

test("ends a command of which nothing is heard, with what it started", async () => {
  const { wasIdle, lines } = await run("sleep 3600 & echo $!; wait", 200);
  expect(wasIdle).toBe(true);
  expect(await hasEnded(lines[0])).toBe(true);
});
