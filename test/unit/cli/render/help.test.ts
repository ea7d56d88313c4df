import { describe, expect, test } from "bun:test";
import type { App } from "../../../../src/session/app.ts";
import { commandTable } from "../../../../src/cli/command-table.ts";
import { runCli } from "../../../../src/cli/run.ts";
import { failureOf } from "../../../support/failure.ts";

const noApp = (): Promise<App> => Promise.reject(new Error("help needs no outside"));

async function run(...words: string[]): Promise<{ text: string; exitCode: number }> {
  let text = "";
  const exitCode = await runCli(words, noApp, (part) => (text += part));
  return { text, exitCode };
}

describe("runCli()", () => {
  test.each(Object.keys(commandTable))(
    "answers %s --help with usage and an example that begins with it",
    async (name) => {
      const { text, exitCode } = await run(name, "--help");
      expect(exitCode).toBe(0);
      expect(text).toContain(`Usage: claude-bottle ${name}`);
      expect(text).toMatch(new RegExp(`Examples:\n  .*claude-bottle ${name}`));
      expect((await run("help", name)).text).toBe(text);
      expect((await run(name, "-h")).text).toBe(text);
    },
  );

  test("lists every command in its own help", async () => {
    const { text, exitCode } = await run("--help");
    expect(exitCode).toBe(0);
    const shown = Object.keys(commandTable).filter((name) => !commandTable[name]?.isHidden);
    const width = Math.max(...Object.keys(commandTable).map((name) => name.length));
    for (const [name, entry] of Object.entries(commandTable)) {
      if (entry.isHidden) expect(text).not.toContain(name);
      else expect(text).toContain(`  ${name.padEnd(width)}  ${entry.description}`);
    }
    const titles = text.split("\n").filter((line) => /^[A-Z][a-z]+$/.test(line));
    expect(titles).toEqual(["Work", "Results", "Network", "Setup", "More"]);
    expect(shown.length).toBeGreaterThan(25);
  });

  test("without a word names every command on one screen, and succeeds", async () => {
    const { text, exitCode } = await run();
    expect(exitCode).toBe(0);
    expect(text.split("\n").length).toBeLessThan(24);
    for (const [name, entry] of Object.entries(commandTable))
      expect(text.split(/\s+/).includes(name)).toBe(!entry.isHidden);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(80);
  });

  test("shows the variables for help env", async () => {
    const { text, exitCode } = await run("help", "env");
    expect(exitCode).toBe(0);
    expect(text).toContain("  CLAUDE_BOTTLE_OAUTH_TOKEN ");
    expect((await run("--help")).text).not.toContain("CLAUDE_BOTTLE_OAUTH_TOKEN");
  });

  test.each([
    ["ls", "list"],
    ["ps", "list"],
    ["rm", "stop"],
  ])("takes %s for %s", async (alias, name) => {
    const { text } = await run(alias, "--help");
    expect(text).toBe((await run(name, "--help")).text);
    expect(text).toContain(`Usage: claude-bottle ${name}`);
    expect(text).toMatch(new RegExp(`Other names: .*\\b${alias}\\b`));
  });

  test("shows the help of start", async () => {
    expect((await run("start", "--help")).text).toMatchInlineSnapshot(`
      "Run Claude Code in a bottle that holds only what the manifest grants.

      Usage: claude-bottle start [AGENT] [OPTIONS] [-- CLAUDE ARGUMENTS]

      Arguments:
        AGENT  Name of an agent in the manifest; if omitted, you choose from a list

      Options:
        -d, --detach         Run it in the background; prints the bottle's name
            --notify         With --detach: notify the desktop and ring the bell when claude waits or has ended
            --keep           Keep it running when this terminal is closed
            --cwd            Copy this folder in, and the repository in it; never a mount
            --empty          Copy nothing in; by default start copies the repository it is run in
            --allow-home     With --cwd: also if this folder is your home folder or holds it
            --name=NAME      Name the bottle NAME-… instead of after its agent
            --trust-project  With --yes: also accept project files that you have not approved
            --no-transcript  Keep no transcript of claude's session in its record
            --verbose        Show every step, and the stack of an internal error
            --clipboard      Let the agent write to your clipboard; it never reads it
            --dry-run        Show the plan and stop; creates nothing
            --json           With --dry-run the plan, with --detach the name, as JSON on stdout
        -y, --yes            Do not ask
            --timings        Print at the end where the time went, without any names
        -h, --help           Show this help

      Examples:
        claude-bottle start hello                    # show the plan, ask, start; with a copy of the repository you are in
        claude-bottle start hello --empty            # with none of your files
        claude-bottle start hello --dry-run --json   # the plan as JSON; creates nothing
        claude-bottle start hello --keep             # keeps running when the terminal is closed; Ctrl-] d detaches any session
        claude-bottle start hello --detach           # in the background; attach, list, stop
        claude-bottle start hello --yes -- -p 'What is in this folder?'
      "
    `);
  });

  test("leaves --help behind -- to claude", async () => {
    expect(run("start", "hello", "--", "--help")).rejects.toThrow("help needs no outside");
  });

  test.each([
    [["strat"], 'Cannot run "strat": there is no such command', 'Did you mean "claude-bottle start"?'],
    [["--verison"], 'Cannot run "--verison": there is no such flag', 'Did you mean "claude-bottle version"?'],
    [["__proto__"], 'Cannot run "__proto__": there is no such command', 'See "claude-bottle --help".'],
    [
      ["list", "--", "x"],
      'Cannot run "claude-bottle list": it takes nothing after "--"',
      'See "claude-bottle list --help".',
    ],
  ])("refuses %j", async (words, message, hint) => {
    const error = await failureOf(run(...words));
    expect([error.message, error.hint, error.exitCode]).toEqual([message, hint, 2]);
  });
});
