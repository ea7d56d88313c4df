/** Questions on a real terminal: what is taken for an answer, and that nothing of it is left for whoever reads next. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openPty } from "../../support/session/pty.ts";
import type { Pty } from "../../support/session/pty.ts";
import { aFolder } from "../../support/temporary.ts";

setDefaultTimeout(60_000);
const program = join(import.meta.dir, "../../support/ask-questions.ts");
const opened: Pty[] = [];

/** Asks these, and then reads as a session does */
function ask(...questions: string[]): Pty {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/", TERM: "xterm-256color" };
  const command = [process.execPath, program, ...questions];
  const pty = openPty(command, { cwd: "/", env, columns: 300, rows: 50 });
  opened.push(pty);
  return pty;
}

afterEach(async () => {
  for (const pty of opened.splice(0)) {
    pty.hangUp();
    await pty.exitCode;
  }
});

/** What the session reads when somebody types a line for it */
async function sayHello(pty: Pty): Promise<void> {
  await pty.waitFor(/session$/m);
  pty.type("hello\r");
  await pty.waitFor('answer "hello\\r"');
  expect(await pty.exitCode).toBe(0);
}

const marked = (text: string) => `\u001b[200~${text}\u001b[201~`;
const key = "-----BEGIN K-----\nabc\n-----END K-----";
const lines = "first line\nsecond\n\nlast";

describe("a hidden question", () => {
  test.each([
    ["a marked paste of a key", marked(key.replaceAll("\n", "\r")), "\r", key],
    ["a marked paste with a line break at its end", marked(`${lines}\n`), "\r", lines],
    ["a key, by a terminal that marks nothing", `${key}\n`, "", key],
    ["lines, by a terminal that marks nothing", `${lines}\n`.replaceAll("\n", "\r\n"), "", lines],
    ["one line", "token", "\r", "token"],
  ])("takes %s whole and leaves nothing", async (_name, typed, enter, value) => {
    const pty = ask("hidden:Key", "session");
    await pty.waitFor("Key (hidden):");
    expect(pty.modes().isPasteMarked).toBe(true);
    pty.type(typed + enter);
    await pty.waitFor(`answer ${JSON.stringify(value)}`);
    expect(pty.modes().isPasteMarked).toBe(false);
    await sayHello(pty);
    expect(pty.screen()).not.toMatch(/^(abc|second|token|-----)/m);
    if (value.includes("\n")) expect(pty.screen()).toContain(`(${value.split("\n").length} lines)`);
  });

  test.each([
    ["marked", (text: string) => `${marked(text)}\r`],
    ["not marked", (text: string) => `${text}\r`],
  ])("takes more than a terminal's buffer holds (%s)", async (_name, render) => {
    const long = Array.from({ length: 900 }, (_, index) => `line ${index} of a long text`).join("\n");
    const pty = ask("hidden:Key", "session");
    await pty.waitFor("(hidden):");
    pty.type(render(long));
    await pty.waitFor(`answer ${long.length} ${createHash("sha256").update(long).digest("hex")}`);
    await sayHello(pty);
  });

  test("takes a paste that comes byte by byte, and with a long pause in its middle", async () => {
    const pty = ask("hidden:Key", "hidden:Other", "session");
    await pty.waitFor("Key (hidden):");
    for (const byte of `${marked("a\rb")}\r`) {
      pty.type(byte);
      await Bun.sleep(5);
    }
    await pty.waitFor('answer "a\\nb"');
    await pty.waitFor("Other (hidden):");
    const [begin = "", end = ""] = key.split(/(?<=abc\n)/);
    pty.type(begin);
    await pty.waitFor('Waiting for the last line of the key, "-----END …"');
    pty.type(`${end}\r`);
    await pty.waitFor(`answer ${JSON.stringify(key)}`);
    await sayHello(pty);
  });

  test("rings for keys that mean nothing, and leaves them out", async () => {
    const pty = ask("hidden:Key", "session");
    await pty.waitFor("(hidden):");
    pty.type("ab\u001b[Acd\u001bOB\u0001\r");
    await pty.waitFor('answer "abcd"');
    await sayHello(pty);
  });

  test("asks again for an empty value", async () => {
    const pty = ask("hidden:Key", "session");
    await pty.waitFor("(hidden):");
    pty.type("\r");
    await pty.waitFor("An empty value cannot be used.");
    await pty.waitFor(/used\.\s+Key \(hidden\):/);
    pty.type("x\r");
    await pty.waitFor('answer "x"');
    await sayHello(pty);
  });

  test("says so where several lines cannot be used, or bytes that are no text", async () => {
    const several = ask("hidden-line:Token");
    await several.waitFor("(hidden):");
    several.type(`${marked("sk-part\rtwo")}\r`);
    await several.waitFor(
      'failed Cannot use the answer to "Token": it must be one line, and 2 lines were typed',
    );
    expect(several.screen()).not.toContain("sk-part");
    const broken = ask("hidden:Key");
    await broken.waitFor("(hidden):");
    broken.typeBytes(Uint8Array.of(0x61, 0xff, 0x0d));
    await broken.waitFor("failed Cannot use what was typed: it is not UTF-8 text");
  });

  test.each([
    ["Ctrl-C", "ab\u0003", /^failed Cancelled/m],
    ["Ctrl-C within a paste", "\u001b[200~ab\rc\u0003", /^failed Cancelled/m],
  ])("is left by %s, which takes the marks back and leaves nothing", async (_name, keys, words) => {
    const pty = ask("hidden:Key");
    await pty.waitFor("(hidden):");
    expect(pty.modes().isPasteMarked).toBe(true);
    pty.type(`${keys}more of it\r`);
    await pty.waitFor(words);
    expect(pty.modes().isPasteMarked).toBe(false);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("is ended by %s as it began", async (signal) => {
    const folder = await aFolder();
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, TERM: "xterm-256color" };
    const script = `before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo as it was`;
    const command = ["/bin/sh", "-c", script, "sh", process.execPath, program, "hidden:Key"];
    const pty = openPty(command, { cwd: folder, env, columns: 100, rows: 20 });
    opened.push(pty);
    await pty.waitFor("(hidden):");
    const [child = ""] = (await readFile(`/proc/${pty.pid}/task/${pty.pid}/children`, "utf8")).split(" ");
    process.kill(Number(child), signal);
    await pty.waitFor("interrupted");
    await pty.waitFor("as it was");
    expect(pty.modes().isPasteMarked).toBe(false);
  });
});

describe("what is typed at another time", () => {
  test("answers no question that is asked later", async () => {
    const pty = ask("pause", "yes:Go?", "line:Name", "hidden:Key", "session");
    await pty.waitFor("paused");
    pty.type("y\ny\nsecret\n");
    await pty.waitFor(/y\s+y\s+secret/);
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor("Go? [y/N]");
    pty.type("n\ny\n");
    await pty.waitFor("answer false");
    await pty.waitFor("Name:");
    pty.type("me\n");
    await pty.waitFor('answer "me"');
    await pty.waitFor("Key (hidden):");
    pty.type("value\r");
    await pty.waitFor('answer "value"');
    await sayHello(pty);
  });

  test("does not reach a session, be it late, and that is told", async () => {
    const pty = ask("yes:Go?", "pause", "session");
    await pty.waitFor("Go? [y/N]");
    pty.type("y\n");
    await pty.waitFor(/answer true\s+paused/);
    pty.type("the rest\nof it");
    await pty.waitFor("of it");
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor("Dropped what was typed too early (14 bytes)");
    await sayHello(pty);
  });

  test("reaches a session that nobody was asked before", async () => {
    // The control: the same line reaches it where no question came before
    const pty = ask("pause", "session");
    await pty.waitFor("paused");
    pty.type("early\n");
    await pty.waitFor("early");
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor('answer "early\\n"');
  });
});

describe("whether somebody can be asked", () => {
  test("depends on both sides: what is typed comes from a terminal, and there is one to ask at", async () => {
    const pty = ask("can");
    await pty.waitFor("answer true");
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/", TERM: "xterm" };
    const command = ["sh", "-c", `exec "$0" "$1" can </dev/null`, process.execPath, program];
    const piped = openPty(command, { cwd: "/", env, columns: 80, rows: 10 });
    opened.push(piped);
    await piped.waitFor("answer false");
  });
});

describe("a question for a line", () => {
  test.skipIf(process.platform !== "linux")("may be as long as a terminal's own line", async () => {
    const pty = ask("line:Name");
    await pty.waitFor("Name:");
    pty.type(`${"x".repeat(5_000)}\n`);
    await pty.waitFor("fewer than 4095 characters");
    pty.type(`${"x".repeat(4_000)}\n`);
    await pty.waitFor("answer 4000 ");
  });

  test("takes none of several, and none that a terminal has cut", async () => {
    const pty = ask("line:Name", "session");
    await pty.waitFor("Name:");
    pty.type("one\ntwo\n");
    await pty.waitFor(/The answer must be one line, and more came. Answer again.\s+Name:/);
    pty.type(`${"x".repeat(5_000)}\n`);
    await pty.waitFor(/The answer must have fewer than \d+ characters. Answer again.\s+Name:/);
    pty.type("short\n");
    await pty.waitFor('answer "short"');
    await sayHello(pty);
  });
});

describe("the question about what was approved before", () => {
  test.each([
    ["Enter", "\n", "yes"],
    ["y", "y\n", "yes"],
    ["d", "d\n", "details"],
    ["n", "n\n", "no"],
    ["anything else", "maybe\n", "no"],
    ["the end of input", "\u0004", "no"],
    ["several lines", "y\ny\n", "no"],
  ])("takes %s", async (_name, typed, answer) => {
    const pty = ask("start:Start?");
    await pty.waitFor("Start? [Y/n/d=details]");
    pty.type(typed);
    await pty.waitFor(`answer ${JSON.stringify(answer)}`);
    expect(await pty.exitCode).toBe(0);
  });

  test("takes nothing that was typed before it was seen", async () => {
    const pty = ask("pause", "start:Start?");
    await pty.waitFor("paused");
    pty.type("\n");
    process.kill(pty.pid, "SIGUSR1");
    await pty.waitFor("Start? [Y/n/d=details]");
    pty.type("n\n");
    await pty.waitFor('answer "no"');
    expect(await pty.exitCode).toBe(0);
  });
});
