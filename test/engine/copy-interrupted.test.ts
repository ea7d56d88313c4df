/** Copies that do not come to their end, and what is shown of one that does. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginCopyBottle } from "../support/copy-bottle.ts";
import type { CopyBottle } from "../support/copy-bottle.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { renderRaw } from "../support/hostile-tar.ts";
import { waitUntil } from "../support/launcher.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureLyingNode } from "../support/lying-node.ts";
import { makeCommand, makeSessionWorld, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureLyingNode(engine);
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
const mebibyte = 1024 * 1024;
/** On a machine that is busy with other tests */
const slowMs = 100_000;

describe.each(runtimes)("cp that is interrupted, with a bottle under %s", (runtime) => {
  let run: TestRun;
  let one: CopyBottle;
  let world: SessionWorld;
  let bottle: string;
  const here = (name: string) => join(world.workspace, name);
  const cp = (...words: string[]) => one.cp(...words);
  const inside = (script: string) => one.inside(script);

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeSessionWorld(run, image ?? "", runtime);
    one = await beginCopyBottle(world);
    bottle = one.name;
  });
  afterAll(async () => {
    await runCommand(world, ["stop", "--all"]);
    await run.end();
    await world.remove();
  });

  test("leaves nothing half-made when it is interrupted, on either side", async () => {
    await Bun.$`head -c 50000000 /dev/urandom >${here("much")}`;
    const header = renderRaw({ name: "half", size: 50_000_000 });
    const sending = one.spawn("-", `${bottle}:/tmp`);
    sending.stdin.write(Buffer.concat([header, Buffer.alloc(mebibyte)]));
    await sending.stdin.flush();
    await waitUntil(async () => (await inside("ls -A /tmp")).includes(".claude-bottle-"), "a draft", slowMs);
    sending.kill("SIGINT");
    expect(await sending.exited).toBe(130);
    await waitUntil(async () => !(await inside("ls -A /tmp")).includes(".claude-bottle-"), "none", slowMs);
    expect(await inside("ls -A /tmp")).not.toContain("half");

    // A file that comes to a stand in the middle
    await writeFile(
      here("stuck"),
      Buffer.concat([renderRaw({ name: "r", size: 50_000_000 }), Buffer.alloc(mebibyte)]),
    );
    expect((await cp("stuck", `${bottle}:/tmp`)).exitCode).toBe(0);
    await inside(
      "mkfifo /tmp/lie.tar && (cat /tmp/stuck; exec sleep 600) >/tmp/lie.tar 2>/dev/null </dev/null &",
    );
    const stuck = one.spawn(`${bottle}:x`, "whole");
    const hasDraft = async () =>
      (await readdir(world.workspace)).some((name) => name.startsWith(".claude-bottle-"));
    await waitUntil(hasDraft, "a draft", slowMs);
    stuck.kill("SIGINT");
    expect(await stuck.exited).toBe(130);
    expect((await readdir(world.workspace)).filter((name) => /^\.claude|whole/.test(name))).toEqual([]);
    await runCommand(world, ["exec", bottle, "--", "rm", "/tmp/lie.tar"]);

    expect((await cp("much", `${bottle}:/tmp`)).exitCode).toBe(0);
    const taking = one.spawn(`${bottle}:/tmp/much`, "-");
    const reader = taking.stdout.getReader();
    await reader.read();
    taking.kill("SIGTERM");
    expect(await taking.exited).toBe(143);
    const closed = Bun.$`sh -c ${'"$@" | head -c 1000 >/dev/null; exit $?'} sh ${makeCommand(world, ["cp", `${bottle}:/tmp/much`, "-"])}`;
    expect((await closed.env({ ...world.env }).quiet()).stderr.toString()).toBe("");
    const isOver = async () => !(await inside("cat /proc/[0-9]*/cmdline")).includes("let seen");
    await waitUntil(isOver, "the copiers' end", slowMs);
  });

  test("says that the bottle ended in the middle", async () => {
    const other = await one.startBottle();
    const header = renderRaw({ name: "half", size: 50_000_000 });
    const sending = one.spawn("-", `${other}:/tmp`);
    sending.stdin.write(Buffer.concat([header, Buffer.alloc(mebibyte)]));
    await sending.stdin.flush();
    const listing = ["exec", other, "--", "ls", "-A", "/tmp"];
    const hasDraft = async () => (await runCommand(world, listing)).stdout.includes(".claude-bottle-");
    await waitUntil(hasDraft, "a draft", slowMs);
    await runCommand(world, ["stop", other]);
    expect(await sending.exited).not.toBe(0);
    expect(await new Response(sending.stderr).text()).toContain(`bottle "${other}" `);
  });

  test.if(runtime === "runc")("shows at a terminal how far it is, and what it was", async () => {
    const pty = openPty(makeCommand(world, ["cp", here("much"), `${bottle}:/tmp/shown`]), {
      cwd: world.workspace,
      env: { ...world.env, TERM: "xterm" },
      columns: 100,
      rows: 20,
    });
    await pty.waitFor(/Copying to .* MiB of 47\.7 MiB, \d+ %, [\d.]+ [KM]iB\/s/);
    await pty.waitFor(`Copied 1 file (47.7 MiB) to "${bottle}"`);
    expect(await pty.exitCode).toBe(0);
  });
});
