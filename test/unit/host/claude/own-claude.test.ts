import { describe, expect, test } from "bun:test";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { failureOf } from "../../../support/failure.ts";
import { filesOf, madeUpToken, readOwn } from "../../../support/read-own-claude.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

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
    const taken = await readOwn(home, { memory: true });
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
    const taken = await readOwn(home, { memory: true }, `${home}/cc`);
    expect(filesOf(taken)).toEqual(["CLAUDE.md", "rules/r.md"]);
    const content = await taken.entries.find((one) => one.path === "CLAUDE.md")?.read?.();
    expect(Buffer.from(content ?? "").toString()).toBe("x\n");
  });

  test("that imports in a circle ends", async () => {
    const home = await aFolder({ ".claude/CLAUDE.md": "@a.md", ".claude/a.md": "@CLAUDE.md @a.md" });
    expect(filesOf(await readOwn(home, { memory: true }))).toEqual(["CLAUDE.md", "a.md"]);
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
    const taken = await readOwn(home, { memory: true });
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
    const taken = await readOwn(home, {
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
    const error = await failureOf(readOwn(home, wanted));
    expect(error.message).toBe(
      `Cannot find ${kind} "x" of your Claude Code: there is no file "${home}/.claude/${path}"`,
    );
    expect(error.hint).toBe('Create it there, or remove it from "claude" in the manifest.');
  });

  test("cannot lead to another file of the user's: a link to a key, a text with a token", async () => {
    const home = await aFolder({
      ".ssh/config": "Host x\n",
      ".claude/commands/b.md": `use ${madeUpToken}\n`,
      "safe.md": "",
    });
    await symlink("../../.ssh/config", join(home, ".claude/commands/a.md"));
    await symlink("../../safe.md", join(home, ".claude/commands/c.md"));
    const link = await failureOf(readOwn(home, { commands: ["a"] }));
    expect(link.message).toBe(
      'Cannot take "commands/a.md" of your Claude Code into the bottle: it holds a credential',
    );
    expect(link.hint).toContain('list the identity under "ssh"');
    const text = await failureOf(readOwn(home, { commands: ["b"] }));
    expect(text.message).toContain('"commands/b.md"');
    expect(text.message + text.hint).not.toContain(madeUpToken);
    // The control
    expect(filesOf(await readOwn(home, { commands: ["c"] }))).toEqual(["commands/c.md"]);
  });

  test("cannot lead there either from a home folder that is reached by a link", async () => {
    const real = await aFolder({ ".gnupg/gpg.conf": "x", ".claude/commands/b.md": "" });
    await symlink("../../.gnupg/gpg.conf", join(real, ".claude/commands/a.md"));
    const home = join(await aFolder(), "home");
    await symlink(real, home);
    expect((await failureOf(readOwn(home, { commands: ["a"] }))).hint).toContain("sign commits");
    // The control
    expect(filesOf(await readOwn(home, { commands: ["b"] }))).toEqual(["commands/b.md"]);
  });

  test("have a digest of all that goes in with them, and are no other content when they are copied", async () => {
    const home = await aFolder({
      ".claude/commands/a.md": "~/.claude/x.sh",
      ".claude/x.sh": "1",
      ".claude/y": "",
    });
    const digest = async () => (await readOwn(home, { commands: ["a"] })).parts[0]?.digest;
    const first = await digest();
    await putFiles(home, { ".claude/y": "2" });
    expect(await digest()).toBe(first);
    const taken = await readOwn(home, { commands: ["a"] });
    await putFiles(home, { ".claude/x.sh": "2" });
    expect(await digest()).not.toBe(first);
    const late = taken.entries.find((one) => one.path === "x.sh")?.read?.();
    expect((await failureOf(Promise.resolve(late))).message).toBe(
      'Cannot copy "x.sh" of your Claude Code: it changed after it was shown',
    );
  });
});

test("too much of it is an error", async () => {
  const many = Array.from({ length: 501 }, (_, one) => [`.claude/rules/${one}.md`, ""]);
  const home = await aFolder(Object.fromEntries(many) as Record<string, string>);
  const error = await failureOf(readOwn(home, { memory: true }));
  expect(error.message).toBe("Cannot take your own Claude Code into the bottle: it is more than 500 files");
  await Bun.$`rm ${home}/.claude/rules/1.md && truncate -s 17M ${home}/.claude/rules/2.md`;
  expect((await failureOf(readOwn(home, { memory: true }))).message).toEndWith("it is more than 16.0 MiB");
});
