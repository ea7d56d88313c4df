import { describe, expect, test } from "bun:test";
import {
  findImports,
  findInterpreter,
  findPaths,
  findPrograms,
} from "../../../../src/host/claude/references.ts";

const places = { folder: "/home/u/.claude", home: "/home/u" };
const pathsOf = (text: string, more = {}) => findPaths(text, { ...places, ...more }).map((one) => one.path);

describe("paths in a text", () => {
  test.each([
    ["~/.claude/hooks/a.sh", ["/home/u/.claude/hooks/a.sh"]],
    ["bash $HOME/.claude/a.sh --flag", ["/home/u/.claude/a.sh"]],
    ['"${HOME}/.claude/a.sh"', ["/home/u/.claude/a.sh"]],
    ['"$HOME"/.claude/a.sh', ["/home/u/.claude/a.sh"]],
    ["/home/u/.claude/a.sh; /home/u/bin/b", ["/home/u/.claude/a.sh", "/home/u/bin/b"]],
    ["$CLAUDE_CONFIG_DIR/a.sh", ["/home/u/.claude/a.sh"]],
    ["see ~/.claude/a.md, and ~/.claude/b.md.", ["/home/u/.claude/a.md", "/home/u/.claude/b.md"]],
    ["~/.claude/a.sh ~/.claude/a.sh", ["/home/u/.claude/a.sh"]],
    ["a~/x x/home/u/y ~", []],
    ["/home/ursula/x", []],
    ["~/.claude/../.ssh/id", ["/home/u/.ssh/id"]],
  ])("of %j", (text, paths) => {
    expect(pathsOf(text)).toEqual(paths);
  });

  test("are told from a folder whose name has characters of patterns", () => {
    expect(pathsOf("/x.y/c/a /xzy/c/a", { folder: "/x.y/c" })).toEqual(["/x.y/c/a"]);
  });
});

describe("imports of a memory file", () => {
  const importsOf = (text: string) =>
    findImports(text, "/home/u/.claude/rules/a.md", places).map((one) => one.path);

  test.each([
    ["@b.md", ["/home/u/.claude/rules/b.md"]],
    ["see @../docs/b.md and @~/x/c.md.", ["/home/u/.claude/docs/b.md", "/home/u/x/c.md"]],
    ["me@example.com", []],
    ["`@b.md`", []],
    ["```\n@b.md\n```\n@c.md", ["/home/u/.claude/rules/c.md"]],
    ["@/etc/hosts", ["/etc/hosts"]],
  ])("of %j", (text, paths) => {
    expect(importsOf(text)).toEqual(paths);
  });
});

describe("programs of a command", () => {
  test.each([
    ["jq -r .x", ["jq"]],
    ["cat x | python3 -c 'import os; os.x()' && prettier --write", ["cat", "python3", "prettier"]],
    ["~/.claude/a.sh", []],
    ["FOO=1 node x", ["node"]],
    ["if command -v osascript; then osascript -e 'x'; fi", ["osascript"]],
    ["echo $(git status)", ["git"]],
    ["[ -f x ] || exit 0", []],
    ['"$HOME/x" && say "a; b | c"', ["say"]],
    ["", []],
  ])("%j", (command, programs) => {
    expect(findPrograms(command)).toEqual(programs);
  });

  test.each([
    ["#!/usr/bin/env python3\n", "python3"],
    ["#!/usr/bin/env -S deno run\n", "deno"],
    ["#!/bin/bash -e\n", "bash"],
    ["# no script", undefined],
  ])("for the script %j", (script, program) => {
    expect(findInterpreter(script)).toBe(program);
  });
});
