import { describe, expect, test } from "bun:test";
import { failureOf } from "../../../support/failure.ts";
import { aHook, filesOf, madeUpToken, readOwn } from "../../../support/read-own-claude.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

const settings = (content: unknown) => ({ ".claude/settings.json": JSON.stringify(content) });

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
          PreToolUse: aHook(`"${home}/.claude/hooks/a.sh" --all`),
          Stop: aHook(`cd ${home}/x && ${home}ly; $CLAUDE_CONFIG_DIR/hooks/a.sh | jq .`),
        },
        statusLine: { type: "command", command: "~/.claude/line.py", padding: 0 },
      }),
    );
    const taken = await readOwn(home, { hooks: true, statusLine: true });
    expect(taken.settings).toEqual({
      hooks: {
        PreToolUse: aHook('"/home/node/.claude/hooks/a.sh" --all'),
        Stop: aHook(`cd /home/node/x && ${home}ly; /home/node/.claude/hooks/a.sh | jq .`),
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
    await putFiles(home, { "cc/settings.json": JSON.stringify({ hooks: { Stop: aHook(command) } }) });
    const taken = await readOwn(home, { hooks: true }, `${home}/cc`);
    const inside = `~/.claude/a.sh; "$HOME/.claude/b.sh"; '/home/node/.claude/c.sh'; ~/ccc`;
    expect(taken.settings.hooks).toEqual({ Stop: aHook(inside) });
    expect(filesOf(taken)).toEqual(["a.sh", "b.sh", "c.sh"]);
  });

  test("that are asked for one by one come one by one", async () => {
    const home = await aFolder(settings({ hooks: { Stop: aHook("true") }, statusLine: { command: "true" } }));
    expect(Object.keys((await readOwn(home, { hooks: true })).settings)).toEqual(["hooks"]);
    expect(Object.keys((await readOwn(home, { statusLine: true })).settings)).toEqual(["statusLine"]);
    expect((await readOwn(home, {})).settings).toEqual({});
  });

  test("tell what they name and lack: a script, a file elsewhere, settings without any", async () => {
    const home = await aFolder({
      ".claude/b.sh": "",
      "bin/lint.sh": "",
      ...settings({ hooks: { Stop: aHook("~/.claude/none.sh; ~/bin/lint.sh; ~/.claude/skills/s/x.sh") } }),
    });
    const taken = await readOwn(home, { hooks: true, statusLine: true });
    expect(taken.lacks).toEqual([
      "Stop names ~/.claude/none.sh, which is not there",
      'Stop names ~/.claude/skills/s/x.sh: list the skill under "skills"',
      "settings.json has no statusLine, so none go in",
    ]);
    expect(taken.outside).toEqual([[`${home}/bin/lint.sh`, "Stop"]]);
    expect((await readOwn(await aFolder(), { hooks: true })).lacks).toEqual([
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
      [`${name}/settings.json`]: JSON.stringify({ hooks: { Stop: aHook(`~/${name}/a.sh`) } }),
      [`${name}/a.sh`]: `. ${pathIn(home)}\n`,
    });
    const taken = await readOwn(home, { hooks: true }, `${home}/${name}`);
    expect(filesOf(taken)).toEqual(["a.sh", "b.sh"]);
    expect(taken.lacks).toEqual([
      `a.sh names ${pathIn(home)}, which has another path in the bottle, where Claude's folder is ~/.claude`,
    ]);
  });

  test("with a credential in a command, or in a file that is no JSON, are errors", async () => {
    const home = await aFolder(
      settings({ hooks: { Stop: aHook(`curl -H "Authorization: ${madeUpToken}" x`) } }),
    );
    const error = await failureOf(readOwn(home, { hooks: true }));
    expect(error.message).toBe(
      'Cannot take "hooks" of your settings.json into the bottle: it holds a credential',
    );
    await putFiles(home, { ".claude/settings.json": "{" });
    expect((await failureOf(readOwn(home, { hooks: true }))).message).toEndWith("it is no JSON");
    expect((await readOwn(home, {})).settings).toEqual({});
  });
});
