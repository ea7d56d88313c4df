/** `watch` in a terminal, with bottles that run: what it shows, and that its keys do what they say. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "../support/run-source.ts";
import type { SourceOptions } from "../support/run-source.ts";
import { chooseRuntime } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { openPty } from "../support/session/pty.ts";
import type { Pty } from "../support/session/pty.ts";
import { putFiles } from "../support/temporary.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
/** Asks for hosts, says what is typed, and has something to show */
const script = `trap 'echo "screen of claude"' WINCH
git commit -q --allow-empty -m made; echo x >changed
for host in first.example.org second.example.org; do
  (bottle-request "$host" --reason "to install leftpad" --wait 600; echo "$host gave $?") &
  sleep 2
done
curl -s https://blocked.example.org
# For whoever looked before the trap was set
echo "screen of claude"
while read -r line; do echo "typed: $line"; done`;

describe.skipIf(typeof found === "string")("the view of running bottles", () => {
  let run: TestRun;
  let home: string;
  let options: SourceOptions;
  let view: Pty;
  const open = (words: readonly string[], more: Record<string, string> = {}, columns = 80, rows = 24) =>
    openPty([...sourceCommand, ...words], {
      cwd: options.cwd,
      env: { ...makeSourceEnvironment(options), TERM: "xterm-256color", ...more },
      columns,
      rows,
    });

  beforeAll(async () => {
    run = beginTestRun(engine);
    home = await realpath(await mkdtemp(join(tmpdir(), "bottle-watch-")));
    const cwd = `${home}/shop`;
    await putFiles(home, {
      "claude-bottle.json": JSON.stringify({ bottles: { b: {} }, agents: { mender: { bottle: "b" } } }),
      "shop/a.txt": "a\n",
    });
    await Bun.$`git init -q && git add . && git -c user.name=U -c user.email=u@test commit -qm first`
      .cwd(cwd)
      .quiet();
    await Bun.$`git config user.name U && git config user.email u@test`.cwd(cwd).quiet();
    await chooseRuntime(engine, home, "runc");
    const env = {
      CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
      CLAUDE_BOTTLE_LABELS: Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "",
      CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    };
    options = { cwd, home, env };
    const started = await runSource(["start", "mender", "--yes", "--detach", "--", "-c", script], options);
    expect(started.stderr + started.exitCode).toEndWith("0");
  });
  afterAll(async () => {
    await runSource(["stop", "--all"], options);
    await run.end();
    await rm(home, { recursive: true, force: true });
  });

  test("fits 80 by 24: who waits, what was made, what is asked for and blocked, and the last screen", async () => {
    view = open([]);
    await view.waitFor("BOTTLES  1 running · 1 waits for you");
    await view.waitFor(/▶ mender-\w+ {2}\? asks 2/);
    await view.waitFor("+1 commit ~1 file");
    await view.waitFor("screen of claude");
    await view.waitFor("blocked.example.org:443");
    await view.waitFor('"to install leftpad"');
    await view.waitFor("opens: whoever runs it");
    const lines = view.screen().split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(view.modes().isAlternate).toBe(true);
    expect(lines.at(-1)).toStartWith(" ⏎ attach");
  });

  test("allows, blocks, and takes back by keys; the agent hears of it", async () => {
    view.type("a");
    await view.waitFor(/first\.example\.org:443 .*(?:may be reached|is allowed)/);
    await view.waitFor("first.example.org gave 0");
    await view.waitFor("✔ first.example.org:443");
    view.type("r");
    await view.waitFor("typed: first.example.org is allowed n");
    view.type("\t");
    await view.waitFor("▶? second.example.org:443");
    view.type("x");
    await view.waitFor("second.example.org gave 1");
    await view.waitFor(/second\.example\.org:443 .*denied/);
    view.type("u");
    await view.waitFor("is again as the manifest says");
    view.type("/");
    await view.waitFor("hosts with ❯");
    view.type("blocked.ex");
    await view.waitFor("/ hosts: blocked.ex");
    await view.waitFor("▶✖ blocked.example.org:443");
    view.type("\r");
    await view.waitFor("q quit");
    view.type("\u001b");
    await view.waitFor("first.example.org:443");
    const asked = await runSource(
      ["exec", "mender", "--", "bottle-request", "second.example.org", "--reason", "x", "--wait", "0"],
      options,
    );
    expect(asked.exitCode).toBe(75);
  });

  test("types a prompt without attaching, and attaches and comes back with every key its own", async () => {
    view.type("p");
    await view.waitFor(/to mender-\w+ ❯/);
    view.type("hello from outside");
    await view.waitFor("hello from outside_");
    view.type("\r");
    await view.waitFor("typed: hello from outside");
    view.type("\r");
    await view.waitFor("Ctrl-] d detaches");
    const keys = "every key of these";
    for (const key of keys) {
      view.type(key);
      await Bun.sleep(30);
    }
    view.type("\r");
    await view.waitFor(`typed: ${keys}`);
    view.type("\u001dd");
    await view.waitFor("BOTTLES  1 running");
    view.type("?");
    await view.waitFor("Any key closes this.");
    view.type("\u001b");
    await view.waitFor("BOTTLES  1 running");
  });

  test("is left by q with the terminal as it was, and is right without colour and on a small screen", async () => {
    view.type("q");
    expect(await view.exitCode).toBe(0);
    while (view.modes().isAlternate) await Bun.sleep(20);
    const chunks: Uint8Array[] = [];
    const small = Bun.spawn([...sourceCommand, "watch"], {
      cwd: options.cwd,
      env: { ...makeSourceEnvironment(options), TERM: "xterm", NO_COLOR: "1" },
      terminal: { cols: 50, rows: 12, data: (_terminal, bytes) => void chunks.push(bytes.slice()) },
    });
    const drawn = () => Buffer.concat(chunks).toString();
    while (!/mender-\w+/.test(drawn()) || !drawn().includes("blocked.example.org")) await Bun.sleep(100);
    small.terminal?.write("\u0003");
    expect(await small.exited).toBe(0);
    // eslint-disable-next-line no-control-regex
    expect(drawn()).not.toMatch(/\u001b\[[0-9;]*m/);
  });

  test("is a stream of events for scripts, which says the same", async () => {
    const child = Bun.spawn([...sourceCommand, "watch", "--json"], {
      cwd: options.cwd,
      env: makeSourceEnvironment(options),
      stdout: "pipe",
    });
    const events: Record<string, unknown>[] = [];
    let pending = "";
    for await (const chunk of child.stdout) {
      const lines = (pending + Buffer.from(chunk).toString()).split("\n");
      pending = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
      const kinds = new Set(events.map((one) => one["event"]));
      if (kinds.has("bottle") && kinds.has("egress")) child.kill("SIGINT");
    }
    expect(await child.exited).toBe(0);
    expect(events[0]).toMatchObject({
      event: "bottle",
      agent: "mender",
      status: "asks",
      asks: [{ host: "second.example.org" }],
    });
  });

  test("stops a bottle after a question, and its work comes back", async () => {
    const last = open(["watch"]);
    await last.waitFor("+1 commit");
    last.type("S");
    await last.waitFor("Its work (+1 commit ~1 file) has not been pulled");
    last.type("n");
    await last.waitFor("q quit");
    last.type("S");
    await last.waitFor("[y/N]");
    last.type("y");
    await last.waitFor("No bottle is running.", 120_000);
    last.type("q");
    expect(await last.exitCode).toBe(0);
    // The stop goes on without the view
    const refs = () => Bun.$`git for-each-ref refs/bottles`.cwd(options.cwd).text();
    while (!(await refs()).includes("refs/bottles/")) await Bun.sleep(200);
  });

  test("needs a terminal, or --json", async () => {
    const { exitCode, stderr } = await runSource(["watch"], options);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("Cannot watch: stdin and stdout are not a terminal"),
    ]);
  });
});
