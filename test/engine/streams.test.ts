import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeCommand, makeSessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const mebibyte = 1024 * 1024;

describe.skipIf(image === undefined)("a session's streams", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("carry 64 MiB each way whole, and the launcher's memory does not grow with them", async () => {
    const world = await makeSessionWorld(run, image ?? "", "runc");
    const script =
      "sha256sum >&2; head -c 8388608 /dev/zero; echo mark; head -c 67108864 /dev/zero; echo end";
    const child = Bun.spawn(makeCommand(world, ["start", "hello", "--yes", "--", "-c", script]), {
      cwd: world.workspace,
      env: { ...world.env },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    const sent = createHash("sha256");
    for (let count = 0; count < 64; count += 1) {
      const chunk = randomBytes(mebibyte);
      sent.update(chunk);
      child.stdin.write(chunk);
      await child.stdin.flush();
    }
    await child.stdin.end();
    let bytes = 0;
    let early: number | undefined;
    let late = 0;
    for await (const chunk of child.stdout) {
      bytes += chunk.length;
      if (bytes > 4 * mebibyte) early ??= await readMemory(child.pid);
      // A reader that is slower than the agent holds it up, and not the launcher's memory
      if (bytes > 60 * mebibyte && late === 0) {
        await Bun.sleep(1_000);
        late = await readMemory(child.pid);
      }
    }
    expect(await child.exited).toBe(0);
    expect(bytes).toBe(72 * mebibyte + "mark\nend\n".length);
    expect(await new Response(child.stderr).text()).toContain(sent.digest("hex"));
    expect(late / (early ?? 1)).toBeLessThan(1.5);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  test("of a terminal take a paste of 1 MiB while the window is resized a hundred times, and end at the last size", async () => {
    const world = await makeSessionWorld(run, image ?? "", "runc");
    const script =
      "stty raw -echo; echo rea''dy; head -c 1048576 | sha256sum; stty sane; stty size; sleep 1; stty size";
    const pty = openPty(makeCommand(world, ["start", "hello", "--yes", "--", "-c", script]), {
      cwd: world.workspace,
      env: { ...world.env, TERM: "xterm" },
      columns: 120,
      rows: 40,
    });
    await pty.waitFor("ready");
    const text = randomBytes(mebibyte / 2).toString("hex");
    const storm = (async () => {
      for (let count = 0; count < 100; count += 1) {
        pty.resize(80 + (count % 50), 20 + (count % 30));
        await Bun.sleep(10);
      }
      pty.resize(101, 33);
    })();
    for (let at = 0; at < text.length; at += 4096) {
      pty.type(text.slice(at, at + 4096));
      // The test's own pseudo-terminal drops what comes while it is full
      await Bun.sleep(5);
    }
    await storm;
    await pty.waitFor(createHash("sha256").update(text).digest("hex"));
    await pty.waitFor("33 101");
    expect(await pty.exitCode).toBe(0);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
});

/** Bytes of memory that the process holds. */
async function readMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
