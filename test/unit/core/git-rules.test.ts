import { describe, expect, test } from "bun:test";
import {
  isRefName,
  matchesRef,
  matchesRepo,
  parseRefPattern,
  parseRepo,
  readRepoPath,
} from "../../../src/core/git-rules.ts";
import { makeUp } from "../../support/inspect/made-up.ts";
import { git } from "../../support/git.ts";
import { aFolder } from "../../support/temporary.ts";

describe("repositories", () => {
  test.each([
    ["github.com/acme/shop", "github.com", "acme/shop"],
    ["GitHub.com./acme/shop.git", "github.com", "acme/shop"],
    ["git.lan/a", "git.lan", "a"],
    ["gitlab.com/group/sub/app", "gitlab.com", "group/sub/app"],
    ["github.com/acme/*", "github.com", "acme/*"],
    ["gitlab.com/group/**", "gitlab.com", "group/**"],
    ["git.sr.ht/~me/tool", "git.sr.ht", "~me/tool"],
  ])("%s is read", (text, host, repo) => expect(parseRepo(text)).toEqual({ ok: true, host, repo }));

  test.each([
    ["github.com", "it names no repository"],
    ["github.com/", "it has an empty name"],
    ["https://github.com/acme/shop", "it has a scheme"],
    ["github.com:8443/acme/shop", "it has a port"],
    ["*.github.com/acme/shop", "its host is none"],
    ["git@github.com/acme/shop", "its host is none"],
    ["github.com/acme/../shop", '".." is not a name'],
    ["github.com/acme/sh%6fp", "is not a name"],
    ["github.com/acme/shop-*", "* stands for one whole name"],
    ["github.com/**/shop", "** may only come last"],
    ["github.com/a.git/b", '"a.git" is not a name'],
    ["github.com/acme/info", '"info" is not a name'],
    ["github.com/-acme/shop", '"-acme" is not a name'],
    [`github.com/${"a/".repeat(20)}a`, "it has more than 20 names"],
  ])("%s is refused", (text, problem) => {
    const parsed = parseRepo(text);
    expect(parsed.ok ? "read" : parsed.problem).toContain(problem);
  });

  test.each([
    ["acme/shop", "acme/shop", true],
    ["acme/shop", "acme/*", true],
    ["acme/Shop", "acme/shop", false],
    ["acme/shop/sub", "acme/*", false],
    ["acme", "acme/*", false],
    ["acme/a/b", "acme/**", true],
    ["acme", "acme/**", false],
    ["evil/acme/shop", "acme/**", false],
    ["acme/shop", "*/shop", true],
  ])("%s by %s: %s", (repo, pattern, isNamed) => expect(matchesRepo(repo, pattern)).toBe(isNamed));

  test("what a server is asked for has one reading or none", () => {
    expect(readRepoPath("acme/shop.git")).toBe("acme/shop");
    expect(readRepoPath("acme/shop")).toBe("acme/shop");
    for (const path of [
      "",
      "/acme",
      "acme/",
      "a//b",
      "a/./b",
      "a/..",
      "a/.git",
      "a.git/b.git",
      "a/b;c",
      "a/%2e",
      "a/b.git.git",
      "a/objects",
    ])
      expect(readRepoPath(path)).toBeUndefined();
  });
});

describe("refs", () => {
  test.each([
    ["agent/*", "refs/heads/agent/*"],
    ["main", "refs/heads/main"],
    ["refs/tags/v*", "refs/tags/v*"],
    ["**", "refs/heads/**"],
  ])("the pattern %s is %s", (text, pattern) => expect(parseRefPattern(text)).toEqual({ ok: true, pattern }));

  test.each([
    "",
    "-x",
    "a..b",
    "a b",
    "refs/*/x",
    "refs/**",
    "a/***",
    "*/*/*/*",
    "a.lock",
    "/a",
    "a/",
    "@{x",
    "ä",
  ])("the pattern %p is refused", (text) => expect(parseRefPattern(text).ok).toBeFalse());

  test.each([
    ["refs/heads/agent/one", "refs/heads/agent/*", true],
    ["refs/heads/agent/one/two", "refs/heads/agent/*", false],
    ["refs/heads/agent/one/two", "refs/heads/agent/**", true],
    ["refs/heads/agent", "refs/heads/agent/*", false],
    ["refs/heads/agentx/one", "refs/heads/agent/*", false],
    ["refs/heads/v1.2", "refs/heads/v1.*", true],
    ["refs/heads/v1x2", "refs/heads/v1.*", false],
    ["refs/tags/agent/one", "refs/heads/agent/*", false],
    ["refs/heads/x/agent/one", "refs/heads/agent/*", false],
  ])("%s by %s: %s", (ref, pattern, isNamed) => expect(matchesRef(ref, pattern)).toBe(isNamed));

  test("a name that is taken is one that git takes", async () => {
    const m = makeUp(5);
    const pieces = [
      "a",
      "b",
      ".",
      "..",
      "/",
      "-",
      "@{",
      "@",
      "~",
      "^",
      ":",
      "?",
      "*",
      "[",
      "\\",
      " ",
      ".lock",
      "x.",
      "\t",
      "é",
      "A",
      "{",
      "}",
    ];
    const names = Array.from(
      { length: 400 },
      () =>
        `refs/heads/${Array.from({ length: 1 + m.number(5) }, () => pieces[m.number(pieces.length)]).join("")}`,
    );
    const taken = names.filter(isRefName);
    const folder = await aFolder();
    for (const name of taken.slice(0, 60)) await git(folder, "check-ref-format", name);
    expect(taken.length).toBeGreaterThan(20);
    expect(names.length).toBeGreaterThan(taken.length);
  });
});
