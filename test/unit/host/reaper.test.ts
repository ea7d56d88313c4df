import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runAside, startReaper } from "../../../src/host/reaper.ts";
import type { World } from "../../../src/host/world.ts";
import { aFolder } from "../../support/temporary.ts";

/** A reaper whose command writes a file; the answer waits for it, or for long enough that it does not come any more. */
async function reap(say: (reaper: ReturnType<typeof startReaper>) => void, isExpected: boolean) {
  const file = join(await aFolder(), "reaped");
  const world = { env: { PATH: process.env["PATH"] }, stdin: {}, stdout: {}, stderr: {} } as unknown as World;
  const reaper = startReaper(world, { command: ["/bin/sh", "-c", `: >"$0"`, file], resetSequences: "" });
  say(reaper);
  for (let look = 0; look < (isExpected ? 200 : 20) && !existsSync(file); look += 1) await Bun.sleep(20);
  return existsSync(file);
}

test("does nothing after everything was undone", async () => {
  expect(await reap((reaper) => reaper.release(), false)).toBe(false);
});

test("removes what is left once it is handed over", async () => {
  expect(await reap((reaper) => reaper.handOver(), true)).toBe(true);
});

test("a command beside this process is waited for only where that is asked", async () => {
  const folder = await aFolder();
  const env = { PATH: process.env["PATH"] ?? "" };
  const command = (name: string) => ["/bin/sh", "-c", 'sleep 0.3; : >"$0"', join(folder, name)];
  await runAside(command("awaited"), env, true);
  expect(existsSync(join(folder, "awaited"))).toBe(true);
  await runAside(command("left"), env, false);
  expect(existsSync(join(folder, "left"))).toBe(false);
  for (let look = 0; look < 200 && !existsSync(join(folder, "left")); look += 1) await Bun.sleep(20);
  expect(existsSync(join(folder, "left"))).toBe(true);
});

test("goes on watching once the terminal was left", async () => {
  const leave = (reaper: ReturnType<typeof startReaper>) => reaper.forgetTerminal();
  expect(await reap((reaper) => (leave(reaper), reaper.release()), false)).toBe(false);
  expect(await reap((reaper) => (leave(reaper), reaper.handOver()), true)).toBe(true);
});
