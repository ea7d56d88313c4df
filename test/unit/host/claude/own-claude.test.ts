import { describe, expect, test } from "bun:test";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { readOwnClaude } from "../../../../src/host/claude/own-claude.ts";
import type { Wanted } from "../../../../src/host/claude/own-claude.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

const nothing: Wanted = {
  memory: false,
  commands: [],
  agents: [],
  styles: [],
  hooks: false,
  plugins: [],
  statusLine: false,
};
const read = (home: string, wanted: Partial<Wanted>, folder = `${home}/.claude`) =>
  readOwnClaude({ ...nothing, ...wanted }, { folder, home });
const filesOf = ({ entries }: Awaited<ReturnType<typeof readOwnClaude>>) =>
  entries.filter((one) => one.kind === "file").map((one) => one.path);
const hook = (command: string) => [{ matcher: "Bash", hooks: [{ type: "command", command }] }];
const settings = (content: unknown) => ({ ".claude/settings.json": JSON.stringify(content) });
const token = `ghp_${"a1B2".repeat(9)}`;

describe("memory", () => {
  test("goes in with its imports and the rules, as far as they lie in the folder", async () => {
    const home = await aFolder({
      ".claude/CLAUDE.md": "@docs/a.md and @~/.claude/docs/b.md, @~/notes.md, @docs/none.md, @friend\n",
      ".claude/docs/a.md": "@c.md `@d.md`\n",
      ".claude/docs/b.md": "",
      ".claude/docs/c.md": "",
      ".claude/docs/d.md": "",
      ".claude/rules/x/r.md": "",
      ".claude/rules/r.txt": "",
      ".claude/commands/x.md": "",
      "notes.md": "",
    });
    const taken = await read(home, { memory: true });
    expect(filesOf(taken).toSorted()).toEqual([
      "CLAUDE.md",
      "docs/a.md",
      "docs/b.md",
      "docs/c.md",
      "rules/x/r.md",
    ]);
    expect(taken.entries.find((one) => one.path === "rules/x")?.kind).toBe("directory");
    expect(taken.parts).toEqual([
      {
        kind: "memory",
        name: "CLAUDE.md",
        files: 5,
        bytes: expect.any(Number),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(taken.lacks).toEqual(["CLAUDE.md names @docs/none.md, which is not there"]);
    expect(taken.outside).toEqual([[`${home}/notes.md`, "CLAUDE.md"]]);
  });

  test("is read from where CLAUDE_CONFIG_DIR says, and may be a link into a folder of dotfiles", async () => {
    const home = await aFolder({ "dot/CLAUDE.md": "x\n", "cc/rules/r.md": "" });
    await symlink("../dot/CLAUDE.md", join(home, "cc/CLAUDE.md"));
    const taken = await read(home, { memory: true }, `${home}/cc`);
    expect(filesOf(taken)).toEqual(["CLAUDE.md", "rules/r.md"]);
    const content = await taken.entries.find((one) => one.path === "CLAUDE.md")?.read?.();
    expect(Buffer.from(content ?? "").toString()).toBe("x\n");
  });

  test("that imports in a circle ends", async () => {
    const home = await aFolder({ ".claude/CLAUDE.md": "@a.md", ".claude/a.md": "@CLAUDE.md @a.md" });
    expect(filesOf(await read(home, { memory: true }))).toEqual(["CLAUDE.md", "a.md"]);
  });

  test("never brings credentials, history or records, whatever imports them", async () => {
    const names = [
      ".credentials.json",
      "history.jsonl",
      "projects/p/1.jsonl",
      "settings.json",
      "plugins/x.md",
      "todos/a.json",
    ];
    const home = await aFolder({
      ".claude/CLAUDE.md": names.map((one) => `@${one} ~/.claude/${one}`).join("\n"),
      ...Object.fromEntries(names.map((one) => [`.claude/${one}`, "{}"])),
    });
    const taken = await read(home, { memory: true });
    expect(filesOf(taken)).toEqual(["CLAUDE.md"]);
    expect(taken.lacks).toContain("CLAUDE.md names @.credentials.json, which never goes into a bottle");
    expect(taken.lacks.length).toBeGreaterThanOrEqual(names.length);
  });
});

describe("commands, agents and styles", () => {
  test("go in by name, with the files that they name, and no others", async () => {
    const home = await aFolder({
      ".claude/commands/review.md": "!`~/.claude/scripts/a.sh` and @~/.claude/docs/x.md\n",
      ".claude/commands/front/end.md": "",
      ".claude/commands/other.md": "",
      ".claude/agents/tester.md": "",
      ".claude/output-styles/terse.md": "",
      ".claude/scripts/a.sh": "#!/usr/bin/env python3\n",
      ".claude/docs/x.md": "",
    });
    await chmod(join(home, ".claude/scripts/a.sh"), 0o700);
    const taken = await read(home, {
      commands: ["review", "front/end"],
      agents: ["tester"],
      styles: ["terse"],
    });
    expect(filesOf(taken).toSorted()).toEqual([
      "agents/tester.md",
      "commands/front/end.md",
      "commands/review.md",
      "docs/x.md",
      "output-styles/terse.md",
      "scripts/a.sh",
    ]);
    expect(taken.entries.find((one) => one.path === "scripts/a.sh")?.mode).toBe(0o755);
    expect(taken.parts.map(({ kind, name, files }) => `${kind} ${name} ${files}`)).toEqual([
      "command review 3",
      "command front/end 1",
      "agent tester 1",
      "style terse 1",
    ]);
    expect(taken.needs).toEqual([{ program: "python3", by: "scripts/a.sh" }]);
  });

  test.each([
    [{ commands: ["x"] }, "command", "commands/x.md"],
    [{ agents: ["x"] }, "agent", "agents/x.md"],
    [{ styles: ["x"] }, "style", "output-styles/x.md"],
  ])("that are not there are errors: %j", async (wanted, kind, path) => {
    const home = await aFolder({ ".claude/x": "" });
    const error = await failureOf(read(home, wanted));
    expect(error.message).toBe(
      `Cannot find ${kind} "x" of your Claude Code: there is no file "${home}/.claude/${path}"`,
    );
    expect(error.hint).toBe('Create it there, or remove it from "claude" in the manifest.');
  });

  test("cannot lead to another file of the user's: a link to a key, a text with a token", async () => {
    const home = await aFolder({
      ".ssh/config": "Host x\n",
      ".claude/commands/b.md": `use ${token}\n`,
      "safe.md": "",
    });
    await symlink("../../.ssh/config", join(home, ".claude/commands/a.md"));
    await symlink("../../safe.md", join(home, ".claude/commands/c.md"));
    const link = await failureOf(read(home, { commands: ["a"] }));
    expect(link.message).toBe(
      'Cannot take "commands/a.md" of your Claude Code into the bottle: it holds a credential',
    );
    expect(link.hint).toContain('list the identity under "ssh"');
    const text = await failureOf(read(home, { commands: ["b"] }));
    expect(text.message).toContain('"commands/b.md"');
    expect(text.message + text.hint).not.toContain(token);
    // The control
    expect(filesOf(await read(home, { commands: ["c"] }))).toEqual(["commands/c.md"]);
  });

  test("have a digest of all that goes in with them, and are no other content when they are copied", async () => {
    const home = await aFolder({
      ".claude/commands/a.md": "~/.claude/x.sh",
      ".claude/x.sh": "1",
      ".claude/y": "",
    });
    const digest = async () => (await read(home, { commands: ["a"] })).parts[0]?.digest;
    const first = await digest();
    await putFiles(home, { ".claude/y": "2" });
    expect(await digest()).toBe(first);
    const taken = await read(home, { commands: ["a"] });
    await putFiles(home, { ".claude/x.sh": "2" });
    expect(await digest()).not.toBe(first);
    const late = taken.entries.find((one) => one.path === "x.sh")?.read?.();
    expect((await failureOf(Promise.resolve(late))).message).toBe(
      'Cannot copy "x.sh" of your Claude Code: it changed after it was shown',
    );
  });
});

describe("hooks and the status line", () => {
  test("go in with their scripts, and with paths as they are in the bottle", async () => {
    const home = await aFolder({
      ".claude/hooks/a.sh": "#!/bin/bash\n",
      ".claude/line.py": "#!/usr/bin/env python3\n",
    });
    await putFiles(
      home,
      settings({
        env: { A: "not taken" },
        hooks: {
          PreToolUse: hook(`"${home}/.claude/hooks/a.sh" --all`),
          Stop: hook(`cd ${home}/x && ${home}ly; $CLAUDE_CONFIG_DIR/hooks/a.sh | jq .`),
        },
        statusLine: { type: "command", command: "~/.claude/line.py", padding: 0 },
      }),
    );
    const taken = await read(home, { hooks: true, statusLine: true });
    expect(taken.settings).toEqual({
      hooks: {
        PreToolUse: hook('"/home/node/.claude/hooks/a.sh" --all'),
        Stop: hook(`cd /home/node/x && ${home}ly; /home/node/.claude/hooks/a.sh | jq .`),
      },
      statusLine: { type: "command", command: "~/.claude/line.py", padding: 0 },
    });
    expect(taken.commands.map(([by]) => by)).toEqual(["PreToolUse", "Stop", "status line"]);
    expect(filesOf(taken).toSorted()).toEqual(["hooks/a.sh", "line.py"]);
    expect(taken.needs.map((one) => `${one.by}: ${one.program}`)).toEqual([
      "hooks/a.sh: bash",
      "Stop: jq",
      "line.py: python3",
    ]);
  });

  test("have paths of a folder by another name as that of the bottle", async () => {
    const home = await aFolder({ "cc/a.sh": "", "cc/b.sh": "", "cc/c.sh": "" });
    const command = `~/cc/a.sh; "$HOME/cc/b.sh"; '${home}/cc/c.sh'; ~/ccc`;
    await putFiles(home, { "cc/settings.json": JSON.stringify({ hooks: { Stop: hook(command) } }) });
    const taken = await read(home, { hooks: true }, `${home}/cc`);
    const inside = `~/.claude/a.sh; "$HOME/.claude/b.sh"; '/home/node/.claude/c.sh'; ~/ccc`;
    expect(taken.settings.hooks).toEqual({ Stop: hook(inside) });
    expect(filesOf(taken)).toEqual(["a.sh", "b.sh", "c.sh"]);
  });

  test("that are asked for one by one come one by one", async () => {
    const home = await aFolder(settings({ hooks: { Stop: hook("true") }, statusLine: { command: "true" } }));
    expect(Object.keys((await read(home, { hooks: true })).settings)).toEqual(["hooks"]);
    expect(Object.keys((await read(home, { statusLine: true })).settings)).toEqual(["statusLine"]);
    expect((await read(home, {})).settings).toEqual({});
  });

  test("tell what they name and lack: a script, a file elsewhere, settings without any", async () => {
    const home = await aFolder({
      ".claude/b.sh": "",
      "bin/lint.sh": "",
      ...settings({ hooks: { Stop: hook("~/.claude/none.sh; ~/bin/lint.sh; ~/.claude/skills/s/x.sh") } }),
    });
    const taken = await read(home, { hooks: true, statusLine: true });
    expect(taken.lacks).toEqual([
      "Stop names ~/.claude/none.sh, which is not there",
      'Stop names ~/.claude/skills/s/x.sh: list the skill under "skills"',
      "settings.json has no statusLine, so none go in",
    ]);
    expect(taken.outside).toEqual([[`${home}/bin/lint.sh`, "Stop"]]);
    expect((await read(await aFolder(), { hooks: true })).lacks).toEqual([
      "settings.json has no hooks, so none go in",
    ]);
  });

  test.each([
    ["an absolute path", ".claude", (home: string) => `${home}/.claude/b.sh`],
    ["the variable that no bottle has", ".claude", () => "$CLAUDE_CONFIG_DIR/b.sh"],
    ["the folder's own name", "cc", () => "~/cc/b.sh"],
  ])("with a script that has %s say that it is another one in the bottle", async (_what, name, pathIn) => {
    const home = await aFolder({ [`${name}/b.sh`]: "" });
    await putFiles(home, {
      [`${name}/settings.json`]: JSON.stringify({ hooks: { Stop: hook(`~/${name}/a.sh`) } }),
      [`${name}/a.sh`]: `. ${pathIn(home)}\n`,
    });
    const taken = await read(home, { hooks: true }, `${home}/${name}`);
    expect(filesOf(taken)).toEqual(["a.sh", "b.sh"]);
    expect(taken.lacks).toEqual([
      `a.sh names ${pathIn(home)}, which has another path in the bottle, where Claude's folder is ~/.claude`,
    ]);
  });

  test("with a credential in a command, or in a file that is no JSON, are errors", async () => {
    const home = await aFolder(settings({ hooks: { Stop: hook(`curl -H "Authorization: ${token}" x`) } }));
    const error = await failureOf(read(home, { hooks: true }));
    expect(error.message).toBe(
      'Cannot take "hooks" of your settings.json into the bottle: it holds a credential',
    );
    await putFiles(home, { ".claude/settings.json": "{" });
    expect((await failureOf(read(home, { hooks: true }))).message).toEndWith("it is no JSON");
    expect((await read(home, {})).settings).toEqual({});
  });
});

describe("plugins", () => {
  const aPlugin = async (installed: (home: string) => unknown = (home) => [entry(home)]) => {
    const home = await aFolder({
      ".claude/plugins/cache/m/p/1.0/.claude-plugin/plugin.json": "{}",
      ".claude/plugins/cache/m/p/1.0/hooks/hooks.json": JSON.stringify({ hooks: { Stop: hook("uv run x") } }),
      ".claude/plugins/cache/m/p/1.0/.git/config": "x",
    });
    const note = { version: 2, plugins: { "p@m": installed(home) } };
    await putFiles(home, { ".claude/plugins/installed_plugins.json": JSON.stringify(note) });
    return home;
  };
  const entry = (home: string, more = {}) => ({
    scope: "user",
    installPath: `${home}/.claude/plugins/cache/m/p/1.0`,
    version: "1.0",
    ...more,
  });

  test("go in whole, without version control, from where Claude Code installed them for the user", async () => {
    const home = await aPlugin((one) => [entry(one, { scope: "project", installPath: "/none" }), entry(one)]);
    await symlink("/etc", join(home, ".claude/plugins/cache/m/p/1.0/out"));
    const [plugin] = (await read(home, { plugins: ["p@m"] })).plugins;
    expect(plugin).toMatchObject({
      name: "p@m",
      version: "1.0",
      leftOut: ["out"],
      hasServers: false,
      programs: ["uv"],
    });
    const files = plugin?.files.filter((one) => one.kind === "file").map((one) => one.path);
    expect(files?.toSorted()).toEqual([".claude-plugin/plugin.json", "hooks/hooks.json"]);
  });

  test("say that they have servers", async () => {
    const home = await aPlugin();
    await putFiles(home, { ".claude/plugins/cache/m/p/1.0/.mcp.json": "{}" });
    expect((await read(home, { plugins: ["p@m"] })).plugins[0]?.hasServers).toBe(true);
  });

  test("that are not installed are errors that name those that are", async () => {
    const error = await failureOf(read(await aPlugin(), { plugins: ["x@m"] }));
    expect(error.message).toBe('Cannot find plugin "x@m": it is not installed on this machine');
    expect(error.details).toEqual(["Installed: p@m"]);
    expect((await failureOf(read(await aFolder(), { plugins: ["x@m"] }))).details).toEqual([]);
    expect((await failureOf(read(await aPlugin(), { plugins: ["toString@m"] }))).code).toBe("input");
  });

  test("are no folder elsewhere, whatever the list of them says, nor by a link", async () => {
    const elsewhere = await aFolder({ a: "" });
    const home = await aPlugin((one) => [entry(one, { installPath: elsewhere })]);
    const problem = `Cannot use plugin "p@m": its folder "${elsewhere}" is not in "${home}/.claude/plugins"`;
    expect((await failureOf(read(home, { plugins: ["p@m"] }))).message).toBe(problem);
    const linked = await aPlugin((one) => [entry(one, { installPath: `${one}/.claude/plugins/link` })]);
    await symlink(elsewhere, join(linked, ".claude/plugins/link"));
    expect((await failureOf(read(linked, { plugins: ["p@m"] }))).message).toContain("is not in");
    const gone = await aPlugin((one) => [entry(one, { installPath: `${one}/.claude/plugins/none` })]);
    expect((await failureOf(read(gone, { plugins: ["p@m"] }))).message).toEndWith("is not there");
  });

  test("with a credential or a list that cannot be read are errors", async () => {
    const home = await aPlugin();
    await putFiles(home, { ".claude/plugins/cache/m/p/1.0/.env": "A=1" });
    expect((await failureOf(read(home, { plugins: ["p@m"] }))).message).toBe(
      'Cannot use plugin "p@m": ".env" in it holds a credential',
    );
    await putFiles(home, { ".claude/plugins/installed_plugins.json": '{"plugins":1}' });
    expect((await failureOf(read(home, { plugins: ["p@m"] }))).message).toEndWith(
      "it is not what Claude Code writes there",
    );
  });
});

test("too much of it is an error", async () => {
  const many = Array.from({ length: 501 }, (_, one) => [`.claude/rules/${one}.md`, ""]);
  const home = await aFolder(Object.fromEntries(many) as Record<string, string>);
  const error = await failureOf(read(home, { memory: true }));
  expect(error.message).toBe("Cannot take your own Claude Code into the bottle: it is more than 500 files");
  await Bun.$`rm ${home}/.claude/rules/1.md && truncate -s 17M ${home}/.claude/rules/2.md`;
  expect((await failureOf(read(home, { memory: true }))).message).toEndWith("it is more than 16.0 MiB");
});
