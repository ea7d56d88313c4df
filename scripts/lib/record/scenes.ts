/** What is typed in each recording, and what is waited for before the next is typed. */
import { dayScenes } from "./day-scenes.ts";
import { claudeReady, sessionTimeoutMs, token } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { standInToken, trustingImage } from "./stage.ts";

export const scenes: readonly Scene[] = [
  {
    name: "doctor",
    title: "claude-bottle doctor: a line for each thing that a bottle needs",
    folder: "you/shop",
    environment: token,
    async play({ command, read }) {
      await command("claude-bottle doctor");
      await read();
    },
  },
  {
    name: "start",
    title:
      "claude-bottle start: the plan, the question, claude at work, one host refused, and the commit that comes back",
    folder: "you/shop",
    environment: { ...token, CLAUDE_BOTTLE_IMAGE: trustingImage },
    async play({ terminal, type, command, read }) {
      await type("claude-bottle start mender --cwd");
      await terminal.waitFor("Start this bottle? [y/N]", sessionTimeoutMs);
      await read();
      await type("y");
      await terminal.waitFor(claudeReady, sessionTimeoutMs);
      await type("run: for host in github.com example.com; do curl -sS https://$host; done");
      await terminal.waitFor(
        /The command printed:[^]*example\.com|The command printed:[^]*403/,
        sessionTimeoutMs,
      );
      await read();
      await type(
        "run: echo 'the till works' > till.txt && git commit -qam 'Mend the till' && git log --oneline -1",
      );
      await terminal.waitFor(/The command printed: [0-9a-f]{7} Mend the till/, sessionTimeoutMs);
      await read();
      await type("/exit");
      await terminal.waitFor(/was blocked [^]*\n\$ ?$/, sessionTimeoutMs);
      await command("git log --oneline --all");
      await read();
    },
  },
  {
    name: "list",
    title: "Two bottles in the background: claude-bottle list, what was refused, and their end",
    folder: "you/shop",
    environment: { ...token, CLAUDE_BOTTLE_IMAGE: trustingImage },
    async play({ command, read }) {
      await command("claude-bottle start mender --detach --yes 2>/dev/null");
      await command("claude-bottle start reviewer --detach --yes --trust-project 2>/dev/null");
      await command("claude-bottle list");
      await command("claude-bottle exec mender -- curl -sS https://example.com");
      await command("claude-bottle egress mender --blocked");
      await read();
      await command("claude-bottle stop --all");
      await read();
    },
  },
  {
    name: "plan",
    title: "The plan of an agent that was approved: one screen, its details, and a start that asks nothing",
    folder: "you/shop",
    environment: { ...token, CLAUDE_BOTTLE_IMAGE: trustingImage },
    async play({ terminal, type, command, read }) {
      await command("claude-bottle trust mender --yes 2>/dev/null");
      await command("clear");
      await type("claude-bottle start mender");
      await terminal.waitFor("[Y/n/d=details]", sessionTimeoutMs);
      await read();
      await type("d");
      await terminal.waitFor(/limits [^]*\[y\/N\]|limits [^]*\[Y\/n\]/, sessionTimeoutMs);
      await read();
      await type("n");
      await terminal.waitFor(/\n\$ ?$/);
      await command("claude-bottle why mender example.com");
      await read();
    },
  },
  {
    name: "watch",
    title:
      "claude-bottle watch: Claude asks for a host by itself, the user allows it with one key, and Claude goes on",
    folder: "you/shop",
    environment: { ...token, CLAUDE_BOTTLE_IMAGE: trustingImage },
    async play({ terminal, type, command, read }) {
      await command("claude-bottle start mender --detach --yes --trust-project 2>/dev/null");
      await command("claude-bottle start reviewer --detach --yes --trust-project 2>/dev/null");
      await type("claude-bottle watch");
      await terminal.waitFor("2 running", sessionTimeoutMs);
      await terminal.waitFor(claudeReady, sessionTimeoutMs);
      await read();
      terminal.type("p");
      await terminal.waitFor("❯");
      await type("run: bottle-request example.com --reason 'to read the manual of the till'");
      await terminal.waitFor("? example.com:443", sessionTimeoutMs);
      await read();
      terminal.type("a");
      await terminal.waitFor(/✔ example\.com:443/, sessionTimeoutMs);
      await terminal.waitFor("is allowed. Try", sessionTimeoutMs);
      await read();
      terminal.type("?");
      await terminal.waitFor("Any key closes this.");
      await read();
      terminal.type("x");
      await terminal.waitFor("q quit");
      terminal.type("q");
      await terminal.waitFor(/\n\$ ?$/);
      await command("claude-bottle stop --all");
      await read();
    },
  },
  ...dayScenes,
  {
    name: "first-run",
    title: "From a release to claude's prompt, with nothing on the machine but an engine",
    folder: "new",
    environment: {},
    async play({ terminal, release, type, command, read }) {
      await command(`RELEASE=${release}`);
      await command('curl -fsSL "$RELEASE/install.sh" | sh -s -- --from "$RELEASE"');
      await command("mkdir hello && cd hello");
      await type("claude-bottle start");
      for (const [question, answer] of [
        ["Number (1):", ""],
        ["Name of the agent (helper):", ""],
        ["Name of the new bottle (default):", ""],
        ["Hosts it may reach", "github.com"],
        ["What should it know or do?", "Be brief"],
        ["Write this to claude-bottle.json? [y/N]", "y"],
        ["Start this bottle? [y/N]", "y"],
        ["not saved (hidden)", standInToken],
      ] as const) {
        await terminal.waitFor(question, sessionTimeoutMs);
        if (answer === standInToken) await read();
        await type(answer);
      }
      await terminal.waitFor(claudeReady, sessionTimeoutMs);
      await read();
      await type("/exit");
      await terminal.waitFor(/\n\$ ?$/);
      await read();
    },
  },
];
