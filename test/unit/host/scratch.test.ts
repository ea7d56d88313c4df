import { expect, test } from "bun:test";
import { exists, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../../../src/session/app.ts";
import { sweepDeadSessions } from "../../../src/session/store/sweep.ts";
import { openScratch, removeDeadScratch, removeOwnScratch } from "../../../src/host/scratch.ts";
import type { ScratchWorld } from "../../../src/host/scratch.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { aRepository, aWorld } from "../../support/temporary.ts";

const source = new URL("../../../src/host/", import.meta.url).pathname;

const listScratch = (world: ScratchWorld) => readdir(join(stateFolder(world), "scratch")).catch(() => []);

/** A process that has made something in a scratch folder of its own, and then sleeps. */
async function startHolder(world: ScratchWorld, code: string) {
  const given = `{ ...${JSON.stringify(world)}, pid: process.pid }`;
  const script = `${code.replace("WORLD", given)}; console.log("made"); await Bun.sleep(600_000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  await child.stdout.getReader().read();
  return child;
}

const makesCopy = (repository: string) =>
  `const { readWorkspace } = await import("${source}workspace/workspace.ts");
  const entries = (await readWorkspace({ ...WORLD, cwd: ${JSON.stringify(repository)} })).entries();
  while ((await entries.next()).value.path !== ".git/HEAD")`;

/** As at the beginning of every command. */
const sweep = (world: ScratchWorld) =>
  sweepDeadSessions({ world, selfCommand: [] } as unknown as App, { isAwaited: true });

test("a killed launcher's copy of the repository goes with the next sweep, and a living one's stays", async () => {
  const world = await aWorld();
  const repository = await aRepository();
  const [doomed, living] = await Promise.all([
    startHolder(world, makesCopy(repository)),
    startHolder(world, makesCopy(repository)),
  ]);
  try {
    expect(await listScratch(world)).toHaveLength(2);
    // The control: while its launcher lives no sweep removes it
    await sweep(world);
    expect(await listScratch(world)).toHaveLength(2);
    doomed.kill("SIGKILL");
    await doomed.exited;
    await sweep(world);
    const [left, ...others] = await listScratch(world);
    expect(others).toEqual([]);
    expect(left).toContain(`_${living.pid}_`);
    expect(await exists(join(stateFolder(world), "scratch", left ?? "", "git/HEAD"))).toBe(true);
  } finally {
    doomed.kill("SIGKILL");
    living.kill("SIGKILL");
  }
});

test("a process removes its own at its end, and nobody else's", async () => {
  const world = await aWorld();
  const other = await startHolder(world, `await (await import("${source}scratch.ts")).openScratch(WORLD)`);
  try {
    const { folder } = await openScratch(world);
    await writeFile(join(folder, "a"), "1");
    await removeOwnScratch(world);
    expect(await exists(folder)).toBe(false);
    expect(await listScratch(world)).toHaveLength(1);
  } finally {
    other.kill("SIGKILL");
  }
});

test("is for the user alone, and what is not of this form is let be", async () => {
  const world = await aWorld();
  const { folder, remove } = await openScratch(world);
  expect((await Bun.file(folder).stat()).mode & 0o777).toBe(0o700);
  await writeFile(join(folder, "../later-form"), "");
  await remove();
  await removeDeadScratch(world);
  expect(await listScratch(world)).toEqual(["later-form"]);
});
