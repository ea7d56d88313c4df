/** The user's own Claude Code in a bottle: the real one uses a command, an agent, a style, hooks, a status line and a plugin of theirs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { Project, SessionWorld } from "../support/session/world.ts";
import { putFiles } from "../support/temporary.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
let world: SessionWorld;

const own = {
  memory: true,
  commands: ["review", "team/check"],
  agents: ["tester"],
  styles: ["terse"],
  hooks: true,
  plugins: ["hello@market"],
  statusLine: true,
};
const json = ["--output-format", "stream-json", "--verbose"];
const manifest = {
  bottles: { plain: { egress: { private: ["api.anthropic.com"] } } },
  agents: {
    all: { bottle: "plain", claude: own, settings: { outputStyle: "terse" } },
    listed: { bottle: "plain", claude: own, settings: { outputStyle: "terse" }, arguments: json },
    // The control: an agent that takes nothing has nothing
    none: { bottle: "plain", arguments: json },
  },
};

/** As Claude Code writes it on a machine, with much that never goes in */
async function furnish(home: string): Promise<void> {
  const installPath = `${home}/.claude/plugins/cache/market/hello/1.2.0`;
  const hook = (command: string) => [{ hooks: [{ type: "command", command }] }];
  await putFiles(`${home}/.claude`, {
    "CLAUDE.md": "The user likes brevity.\n@docs/more.md\n",
    "docs/more.md": "The user likes tests.\n",
    "rules/style.md": "The user likes short functions.\n",
    "commands/review.md": "run: echo the command said $ARGUMENTS\n",
    "commands/team/check.md": "say: checked\n",
    "commands/other.md": "say: not taken\n",
    "agents/tester.md": "---\nname: tester\ndescription: tests\n---\nYou are the tester of this user.\n",
    "output-styles/terse.md": "---\nname: terse\ndescription: t\n---\nThe style of this user is terse.\n",
    "hooks/note.sh": '#!/bin/bash\necho "$1" >>/tmp/hooked\n',
    "line.sh": "#!/bin/bash\necho line of the user\n",
    "settings.json": JSON.stringify({
      env: { SOME_SETTING: "of the user's" },
      hooks: { UserPromptSubmit: hook(`${home}/.claude/hooks/note.sh absolute`), Stop: hook("true") },
      statusLine: { type: "command", command: "~/.claude/line.sh" },
    }),
    ".credentials.json": '{"claudeAiOauth":{"accessToken":"words-of-credentials"}}',
    "history.jsonl": '{"display":"words-of-history"}\n',
    "projects/-p/1.jsonl": '{"a":"words-of-projects"}\n',
    "plugins/installed_plugins.json": JSON.stringify({
      version: 2,
      plugins: { "hello@market": [{ scope: "user", installPath, version: "1.2.0" }] },
    }),
    "plugins/cache/market/hello/1.2.0/.claude-plugin/plugin.json": '{"name":"hello","version":"1.2.0"}',
    "plugins/cache/market/hello/1.2.0/commands/greet.md": "run: echo the plugin said $ARGUMENTS\n",
    "plugins/cache/market/hello/1.2.0/hooks/hooks.json": JSON.stringify({
      hooks: { UserPromptSubmit: hook("${CLAUDE_PLUGIN_ROOT}/note.sh") },
    }),
    "plugins/cache/market/hello/1.2.0/note.sh": "#!/bin/bash\necho plugin >>/tmp/hooked\n",
  });
  await putFiles(home, { ".claude.json": '{"words":"words-of-state"}' });
  const scripts = ["hooks/note.sh", "line.sh", "plugins/cache/market/hello/1.2.0/note.sh"];
  await Promise.all(scripts.map((path) => chmod(`${home}/.claude/${path}`, 0o755)));
}

interface Start {
  readonly subtype?: string;
  readonly slash_commands?: readonly string[];
  readonly agents?: readonly string[];
  readonly output_style?: string;
  readonly plugins?: readonly { readonly name: string; readonly path: string }[];
}

describe.skipIf(typeof found === "string")("the user's own Claude Code", () => {
  let project: Project;

  beforeAll(async () => {
    world = await beginSessionWorld(engine);
    project = await world.makeProject("runc", manifest);
    await furnish(project.environment["HOME"] ?? "");
  });
  afterAll(() => world.end());

  const ask = async (prompt: string) => {
    const { stdout, stderr, exitCode } = await project.run(["run", "all", "-p", prompt]);
    expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
    return stdout.trim();
  };
  const lookAtStart = async (agent: string): Promise<Start | undefined> => {
    const { stdout } = await project.run(["run", agent, "-p", "say: x"]);
    const lines = stdout.trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Start).find((one) => one.subtype === "init");
  };

  test("is known to Claude in the bottle as far as it was named, and not at all where nothing was", async () => {
    const start = await lookAtStart("listed");
    expect(start?.slash_commands).toEqual(expect.arrayContaining(["review", "hello:greet"]));
    expect(start?.slash_commands?.some((one) => one.endsWith("check"))).toBe(true);
    expect(start?.slash_commands).not.toContain("other");
    expect(start?.agents).toContain("tester");
    expect(start?.output_style).toBe("terse");
    const plugin = { name: "hello", path: "/home/node/.claude-bottle/plugins/hello@market" };
    expect(start?.plugins).toContainEqual(expect.objectContaining(plugin));
    const bare = await lookAtStart("none");
    expect(bare?.slash_commands).not.toContain("review");
    expect(bare?.agents).not.toContain("tester");
    expect(bare?.plugins?.map((one) => one.name)).not.toContain("hello");
  });

  test("has a command that runs, an agent that is asked, a style, and a plugin with its command", async () => {
    expect(await ask("/review seven")).toBe("The command printed: the command said seven");
    expect(await ask("/hello:greet eight")).toBe("The command printed: the plugin said eight");
    expect(await ask("delegate tester: told: You are the tester")).toContain(
      "You are the tester of this user.",
    );
    expect(await ask("told: The style of this user")).toBe("The style of this user is terse.");
    expect(await ask("told: The user likes short")).toBe("The user likes short functions.");
  });

  test("has hooks of its settings and of a plugin, with their scripts", async () => {
    expect(await ask("run: sort -u /tmp/hooked | tr '\\n' ' '")).toBe("The command printed: absolute plugin");
  });

  test("left everything else outside: credentials, history, records, state, and other settings", async () => {
    // The control: what did go in is found by the same search
    const words = "words-of-(credentials|history|projects|state)|user likes tests";
    const search = `command grep -rlE '${words}' . /tmp | grep -v claude-bottle/kept`;
    const look = `cat .claude/rules/style.md; ${search}; grep -c SOME_SETTING .claude/settings.json; ls .claude/commands`;
    expect(await ask(`run: (cd; ${look}) 2>/dev/null`)).toBe(
      "The command printed: The user likes short functions.\n./.claude/docs/more.md\n0\nreview.md\nteam",
    );
  });

  test("has the project's own beside it, inside the bottle only, and the plan says that there are hooks", async () => {
    const marker = `${project.folder}/ran-here`;
    const command = `echo project >>/tmp/hooked; touch ${marker} 2>/dev/null`;
    await putFiles(project.folder, {
      ".claude/settings.json": JSON.stringify({
        hooks: { UserPromptSubmit: [{ hooks: [{ type: "command", command }] }] },
      }),
      ".claude/commands/ours.md": "run: sort -u /tmp/hooked | tr '\\n' ' '\n",
    });
    const plan = await project.run(["start", "all", "--cwd", "--dry-run"]);
    expect(plan.stdout).toContain(
      ".claude/settings.json has hooks, which run inside the bottle: UserPromptSubmit",
    );
    const { stdout, exitCode } = await project.run(["run", "all", "--cwd", "-p", "/ours"]);
    expect([exitCode, stdout.trim()]).toEqual([0, "The command printed: absolute plugin project"]);
    expect(await Bun.file(marker).exists()).toBe(false);
  });

  test("shows its status line at a terminal", async () => {
    const session = project.open(["start", "all", "--yes"]);
    await session.waitFor("line of the user");
    session.type("/exit");
    // Text and Enter that are read at once count as a paste
    await session.waitFor("/exit");
    session.type("\r");
    expect(await session.exitCode).toBe(0);
    expect(await world.leftovers()).toEqual([]);
  });
});
