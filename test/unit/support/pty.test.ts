/** The scripted terminal has to be a real one: session tests believe what it shows and how its programs end. */
import { afterEach, describe, expect, test } from "bun:test";
import { openPty } from "../../support/session/pty.ts";
import type { Pty } from "../../support/session/pty.ts";

const opened: Pty[] = [];

function open(script: string, size = { columns: 40, rows: 10 }): Pty {
  const env = { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color" };
  const pty = openPty(["/bin/sh", "-c", script], { cwd: "/", env, ...size });
  opened.push(pty);
  return pty;
}

afterEach(async () => {
  for (const pty of opened.splice(0)) {
    pty.hangUp();
    await pty.exitCode;
  }
});

describe("a scripted terminal", () => {
  test("is the controlling terminal of its program, with a size", async () => {
    const pty = open("test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty; read end");
    await pty.waitFor(/^10 40$/m);
  });

  test("tells its program of a new size", async () => {
    const pty = open("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done");
    await pty.waitFor("ready");
    pty.resize(77, 23);
    await pty.waitFor(/^23 77$/m);
  });

  test("types, and interrupts by ctrl-c", async () => {
    const pty = open("trap 'exit 5' INT; read line; echo \"got $line\"; while :; do sleep 0.05; done");
    pty.type("words\r");
    await pty.waitFor("got words");
    pty.type("\x03");
    expect(await pty.exitCode).toBe(5);
  });

  test("passes keys as they are to a program in raw mode", async () => {
    const pty = open("stty raw -echo; echo ready; head -c 4 | od -An -tx1; stty sane");
    await pty.waitFor("ready");
    pty.type("\x1b[A\x03");
    await pty.waitFor("1b 5b 41 03");
  });

  test("shows what a screen would show, not the bytes", async () => {
    const pty = open(`printf 'wrong\\rright\\033[31m red\\033[0m\\033[3;1Hthird line'; read end`);
    await pty.waitFor("third line");
    expect(pty.screen()).toBe("right red\n\nthird line");
  });

  test("keeps what has scrolled away, and letters that come in pieces", async () => {
    const pty = open("seq 1 50; printf '\\342'; sleep 0.1; printf '\\224\\200 end'; read end");
    await pty.waitFor("─ end");
    expect(pty.screen()).toMatch(/^1\n2\n3\n/);
  });

  test("answers a program that asks where the cursor is", async () => {
    const pty = open("stty raw -echo; printf 'abc\\033[6n'; head -c 6 | od -An -c; stty sane");
    await pty.waitFor(/033\s+\[\s+1\s+;\s+4\s+R/);
  });

  test("gives the program's exit code, and 129 for one that its end hung up", async () => {
    expect(await open("exit 7").exitCode).toBe(7);
    const pty = open("echo ready; exec sleep 20");
    await pty.waitFor("ready");
    pty.hangUp();
    expect(await pty.exitCode).toBe(129);
  });

  test("says what was on the screen when a text did not come", async () => {
    const pty = open("echo something else; read end");
    await pty.waitFor("something else");
    const failure = await pty.waitFor("wanted", 50).catch((error: Error) => error.message);
    expect(failure).toContain("wanted");
    expect(failure).toContain("something else");
  });
});
