/** A session's terminal on a real one: what is switched on for it goes when it stops or ends, and comes again when it goes on. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openPty } from "../../support/session/pty.ts";
import type { Pty } from "../../support/session/pty.ts";

setDefaultTimeout(60_000);
const program = join(import.meta.dir, "../../support/use-terminal.ts");
const opened: Pty[] = [];
const env = { PATH: process.env["PATH"] ?? "", HOME: "/", TERM: "xterm-256color" };

const drawn = { isAlternate: true, isPasteMarked: true, mouse: "vt200" };
const plain = { isAlternate: false, isPasteMarked: false, mouse: "none" };

async function openDrawn(command: readonly string[] = [process.execPath, program]): Promise<Pty> {
  const pty = openPty(command, { cwd: "/", env, columns: 80, rows: 10 });
  opened.push(pty);
  await pty.waitFor("drawn");
  expect(pty.modes()).toEqual(drawn);
  return pty;
}

async function openStopped(signal: "SIGTSTP" | "SIGSTOP"): Promise<Pty> {
  const pty = await openDrawn();
  process.kill(pty.pid, signal);
  await until(() => isStopped(pty.pid));
  return pty;
}

afterEach(async () => {
  for (const pty of opened.splice(0)) {
    process.kill(pty.pid, "SIGCONT");
    pty.hangUp();
    await pty.exitCode;
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(20);
}

const isStopped = (pid: number) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
const has = (pty: Pty, modes: typeof plain) => () => Bun.deepEquals(pty.modes(), modes);

describe("a session's terminal", () => {
  test("is as before once it is given back", async () => {
    const pty = await openDrawn();
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor("given back");
    expect(await pty.exitCode).toBe(0);
    expect(pty.modes()).toEqual(plain);
    expect(pty.screen()).not.toContain("drawn");
    opened.length = 0;
  });

  test.skipIf(process.platform !== "linux")(
    "is the shell's while the program is stopped, and set and drawn again afterwards",
    async () => {
      const pty = await openStopped("SIGTSTP");
      await until(has(pty, plain));
      process.kill(pty.pid, "SIGCONT");
      await until(has(pty, drawn));
      process.kill(pty.pid, "SIGUSR2");
      await pty.waitFor("redrawn 1");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "is set and drawn again after a stop without notice",
    async () => {
      const pty = await openStopped("SIGSTOP");
      expect(pty.modes()).toEqual(drawn);
      process.kill(pty.pid, "SIGCONT");
      await until(() => !isStopped(pty.pid));
      process.kill(pty.pid, "SIGUSR2");
      await pty.waitFor("redrawn 1");
      expect(pty.modes()).toEqual(drawn);
    },
  );

  test("behind a pipe is only written to, and as before at the end all the same", async () => {
    const pty = await openDrawn(["sh", "-c", `exec "$0" "$1" </dev/null`, process.execPath, program]);
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor("given back");
    expect(await pty.exitCode).toBe(0);
    expect(pty.modes()).toEqual(plain);
    opened.length = 0;
  });
});
