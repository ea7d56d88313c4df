import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { hostKey } from "../support/manifests.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "../support/run-source.ts";
import { chooseRuntime } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { openPty } from "../support/session/pty.ts";
import { aFolder, putFiles } from "../support/temporary.ts";

// Needs: ssh-keygen
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const hostile =
  "A\u001b]52;c;YQ==\u0007\u001b]52;c;?\u0007B\u001b[21t\u001bP+q544e\u001b\\C\u009d777;notify;x;y\u0007D\u001b[?1049h";
const fill = "\u001b]52;c;YQ==\u0007";
let run: TestRun;

describe.skipIf(typeof found === "string")("a user's terminal", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("is given none of an agent's forbidden sequences, and its title and modes back", async () => {
    const text = await record(["start", "a", "--yes"]);
    expect(text).toContain("ABCD");
    expect(text).not.toContain("]52;");
    expect(text).not.toContain("[21t");
    expect(text.indexOf("\u001b[22;0t")).toBeLessThan(text.indexOf("ABCD"));
    expect(text.indexOf("\u001b[23;0t")).toBeGreaterThan(text.indexOf("ABCD"));
    expect(text.indexOf("\u001b[?1049l")).toBeGreaterThan(text.indexOf("ABCD"));
  });

  test("gets its clipboard filled with --clipboard, and never asked for", async () => {
    const text = await record(["start", "a", "--yes", "--clipboard"]);
    expect(text).toContain(`A${fill}BCD`);
  });

  test("is guarded too where only stdout is one", async () => {
    const text = await record(["start", "a", "--yes"], "</dev/null");
    expect(text).toContain("ABCD");
    expect(text).not.toContain("]52;");
  });

  test("has no part in a pipe: what goes there is data", async () => {
    const { words, options } = await prepare(["start", "a", "--yes"]);
    const { stdout } = await runSource(words, options);
    expect(stdout).toBe(hostile);
  });

  test("is asked for the passphrase of a key, which then works and is not shown", async () => {
    const folder = await aFolder();
    const key = join(folder, "id");
    await Bun.$`ssh-keygen -q -t ed25519 -N ${"pass phrase"} -f ${key}`.quiet();
    const ssh = [
      { Host: "git", Hostname: "git.test", User: "git", IdentityFile: key, KnownHostKey: hostKey },
    ];
    const script = "ssh-add -l; echo over";
    const { words, options } = await prepare(["start", "a", "--yes"], { ssh }, script);
    const open = () =>
      openPty([...sourceCommand, ...words], {
        cwd: options.cwd,
        env: { ...makeSourceEnvironment(options), TERM: "xterm" },
        columns: 160,
        rows: 50,
      });
    const right = open();
    await right.waitFor(`Passphrase of ${key} for ssh host git (hidden):`);
    right.type("pass phrase\r");
    await right.waitFor(/256 SHA256:\S+ .*\nover/);
    expect(await right.exitCode).toBe(0);
    expect(right.screen()).not.toContain("pass phrase");
    // Long lines are broken at words
    expect(right.screen().replaceAll(/\s+/g, " ")).toContain("asks for its passphrase");
    const wrong = open();
    await wrong.waitFor("(hidden):");
    wrong.type("wrong one\r");
    await wrong.waitFor('the key of ssh host "git" cannot be loaded');
    expect(await wrong.exitCode).toBe(1);
    const asked = await runSource(["run", "a", "-p", "x"], options);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("Cannot ask for the passphrase");
  });
});

/** A home with a manifest, and the words that make its claude run the script. */
async function prepare(
  words: readonly string[],
  bottle: Readonly<Record<string, unknown>> = {},
  script = `printf '%b' '${Buffer.from(hostile).toString("hex").replaceAll(/../g, "\\x$&")}'`,
) {
  const home = await aFolder();
  await putFiles(home, {
    "claude-bottle.json": JSON.stringify({ bottles: { b: bottle }, agents: { a: { bottle: "b" } } }),
  });
  await chooseRuntime(engine, home, "runc");
  const label = Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "";
  const env = {
    CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
    CLAUDE_BOTTLE_LABELS: label,
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
  };
  return { words: [...words, "--", "-c", script], options: { cwd: home, home, env } };
}

/** Every byte that the program writes to its terminal. */
async function record(start: readonly string[], redirection = ""): Promise<string> {
  const { words, options } = await prepare(start);
  const chunks: Uint8Array[] = [];
  const command = ["/bin/sh", "-c", `exec "$@" ${redirection}`, "sh", ...sourceCommand, ...words];
  const child = Bun.spawn(command, {
    cwd: options.cwd,
    env: { ...makeSourceEnvironment(options), TERM: "xterm-256color" },
    terminal: { cols: 100, rows: 30, data: (_terminal, bytes) => void chunks.push(bytes.slice()) },
  });
  expect(await child.exited).toBe(0);
  return Buffer.concat(chunks).toString();
}
