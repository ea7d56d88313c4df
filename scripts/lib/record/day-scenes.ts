/** What a user does from the second hour on: leaving and joining, taking work home, deciding on hosts, and reaching into a bottle. */
import type { Scene } from "./scene.ts";
import { claudeReady, sessionTimeoutMs, token } from "./scene.ts";
import { trustingImage } from "./stage.ts";

const environment = { ...token, CLAUDE_BOTTLE_IMAGE: trustingImage };
const begin = "claude-bottle start mender --detach --yes --trust-project 2>/dev/null";

export const dayScenes: readonly Scene[] = [
  {
    name: "leave",
    title: "A session is left with Ctrl-] d, goes on in the background, and is joined again",
    folder: "you/shop",
    environment,
    async play({ terminal, type, command, read }) {
      await type("claude-bottle start mender --yes --trust-project");
      await terminal.waitFor(claudeReady, sessionTimeoutMs);
      await read();
      terminal.type("\u001dd");
      await terminal.waitFor(/\n\$ ?$/, sessionTimeoutMs);
      await command("claude-bottle list");
      await read();
      await type("claude-bottle attach mender");
      await terminal.waitFor(claudeReady, sessionTimeoutMs);
      await read();
      await type("/exit");
      await terminal.waitFor(/\n\$ ?$/, sessionTimeoutMs);
      await read();
    },
  },
  {
    name: "results",
    title:
      "Work comes home: diff and merge while the session runs, a file by cp, and a merge when it has ended",
    folder: "you/shop",
    environment,
    async play({ command, read }) {
      await command(begin);
      await command(
        `claude-bottle exec mender -- sh -c 'echo "the till works" >till.txt; git commit -qam "Repair the till"; echo draft >notes.txt'`,
      );
      await command("claude-bottle diff mender");
      await read();
      await command("claude-bottle merge mender");
      await command("git log --oneline; git status --short");
      await read();
      await command("claude-bottle cp mender:notes.txt ..; cat ../notes.txt; rm ../notes.txt");
      await command("claude-bottle exec mender -- git commit -q --allow-empty -m 'Look at the shelves'");
      await command("claude-bottle stop mender");
      await read();
      await command("claude-bottle sessions | head -3");
      await command(
        "rm notes.txt; claude-bottle merge $(claude-bottle sessions --json | jq -r '.[0].session'); git log --oneline; git status --short",
      );
      await read();
    },
  },
  {
    name: "network",
    title: "A blocked host: why, for how long, and into the manifest by learn",
    folder: "you/shop",
    environment,
    async play({ terminal, type, command, read }) {
      await command(begin);
      await command("claude-bottle exec mender -- curl -sS https://example.com");
      await command("claude-bottle why mender example.com");
      await read();
      await command("claude-bottle allow mender example.com --for 1h");
      await command("claude-bottle why $(claude-bottle list --json | jq -r '.[0].name') example.com");
      await read();
      await command("claude-bottle deny mender example.com");
      await command("claude-bottle stop mender");
      await type("claude-bottle learn $(claude-bottle sessions --json | jq -r '.[0].session')");
      await terminal.waitFor("[y/N]", sessionTimeoutMs);
      await read();
      await type("y");
      await terminal.waitFor(/\n\$ ?$/, sessionTimeoutMs);
      await command("git diff");
      await read();
      await command("git checkout -q claude-bottle.json");
    },
  },
  {
    name: "reach",
    title: "A bottle's own server on this machine's loopback, and ssh into it",
    folder: "you/shop",
    environment,
    async play({ terminal, type, command, read }) {
      await command(begin);
      await command(
        "claude-bottle exec mender -- sh -c 'echo open >index.html; nohup python3 -m http.server 3000 >/dev/null 2>&1 &'",
      );
      await type("claude-bottle port mender 3000:8123 &");
      await terminal.waitFor("localhost:8123", sessionTimeoutMs);
      await command("curl -sS http://localhost:8123/index.html");
      await read();
      await command("kill %1; wait; clear");
      await command("mkdir -p ~/.ssh; claude-bottle ssh-config >~/.ssh/config; cat ~/.ssh/config");
      await command(
        "ssh -F ~/.ssh/config $(claude-bottle list --json | jq -r '.[0].name').bottle 'hostname; cat workspace/index.html'",
      );
      await read();
      await command("claude-bottle stop mender");
    },
  },
];
