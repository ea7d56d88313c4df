import { describe, expect, test } from "bun:test";
import { parseIgnoreRules } from "../../../src/host/ignore-rules.ts";
import type { Verdict } from "../../../src/host/ignore-rules.ts";
import { failureFrom } from "../../support/failure-from.ts";

/** As a walk through the folders asks */
function ignores(text: string, path: string): boolean {
  const rules = parseIgnoreRules(text, "/p/.dockerignore");
  let verdict: Verdict | undefined;
  for (const [index] of path.split("/").entries()) {
    const one = path
      .split("/")
      .slice(0, index + 1)
      .join("/");
    verdict = rules.judge(one, verdict);
  }
  return verdict?.isIgnored ?? false;
}

describe("a pattern", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    // What Docker's own documents tell
    ["*/temp*", ["somedir/temporary.txt", "somedir/temp", "a/temp/b"], ["temp", "a/b/temp"]],
    ["*/*/temp*", ["somedir/subdir/temporary.txt"], ["somedir/temporary.txt", "a/b/c/temp"]],
    ["temp?", ["tempa", "tempb/x"], ["temp", "tempab", "a/tempa"]],
    ["**/*.go", ["x.go", "a/x.go", "a/b/x.go"], ["x.goo", "a/x.c"]],
    ["/foo/bar", ["foo/bar", "foo/bar/x"], ["a/foo/bar", "foo"]],
    ["foo/bar", ["foo/bar"], ["a/foo/bar", "foo"]],
    ["foo/bar/", ["foo/bar", "foo/bar/x"], ["foo"]],
    ["./a/../b//c", ["b/c"], ["a/b/c"]],
    [".", [], ["a"]],
    ["/", [], ["a"]],
    ["../a", [], ["a"]],
    // Go's filepath.Match
    ["*", ["a", ".a", "a/b"], []],
    ["a*b", ["ab", "axxb"], ["a/b", "xab"]],
    ["a?b", ["a☺b"], ["a/b", "ab"]],
    ["a[b-d]e", ["ace"], ["ae", "aae"]],
    ["a[^b-d]e", ["aze"], ["ace"]],
    ["[\\]a]", ["]", "a"], ["b"]],
    ["[\\-x]", ["-", "x"], ["a"]],
    ["[a-ζ]x", ["αx"], ["Ax"]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["a]", ["a]"], ["a"]],
    ["a.|)$(}+{bc", ["a.|)$(}+{bc"], ["aX|)$(}+{bc"]],
    // Any number of folders
    ["**", ["a", "a/b"], []],
    ["**/", ["a", "a/b"], []],
    ["**/dir", ["dir", "a/dir", "a/b/dir/x"], ["xdir", "dirx"]],
    ["**dir", ["dir", "a/dir", "xdir"], ["dirx"]],
    ["**/dir*", ["dirx", "a/dirx"], ["xdir"]],
    ["dir/**", ["dir/a", "dir/a/b"], ["dir", "xdir/a"]],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "xa/b"]],
    ["a**/*.txt", ["a/f.txt", "a/b/f.txt"], ["b/f.txt"]],
    ["**/**/*.txt", ["f.txt", "a/b/c/f.txt"], ["f.txt2"]],
    ["abc/*.whl", ["abc/p-2.4.0rc3+g08-none.whl"], ["abc/d/p.whl"]],
  ])("%j", (pattern, ignored, kept) => {
    for (const path of ignored) expect([path, ignores(pattern, path)]).toEqual([path, true]);
    for (const path of kept) expect([path, ignores(pattern, path)]).toEqual([path, false]);
  });

  test.each([
    ["a\n[", 2],
    ["[]a]", 1],
    ["[x-]", 1],
    ["[-x]", 1],
    ["[a-b-c]", 1],
    ["[z-a]", 1],
    ["# [\n\n!", 3],
    ["! ", 1],
    ["!/", 1],
    ["a\\", 1],
  ])("that is none is refused with its line: %j", (text, line) => {
    const error = failureFrom(() => parseIgnoreRules(text, "/p/.dockerignore"));
    expect(error.message).toContain(`"/p/.dockerignore": the pattern `);
    expect(error.message).toEndWith(` in line ${line} is not valid`);
    expect(error.hint).toContain(".dockerignore");
  });
});

describe("an ignore file", () => {
  test.each<[string, string, readonly string[], readonly string[]]>([
    [
      "the last line that fits decides",
      "*.md\n!README*.md\nREADME-secret.md",
      ["README-secret.md"],
      ["README.md"],
    ],
    ["so the order matters", "*.md\nREADME-secret.md\n!README*.md", ["a.md"], ["README-secret.md"]],
    ["an exception in an ignored folder", "docs\n!docs/README.md", ["docs/a"], ["docs/README.md"]],
    ["an exception deep in one", "**\n!a/b/**", ["x", "a/c", "a/b"], ["a/b/c", "a/b/c/d"]],
    ["only what is named", "*\n! /setup.sh \n!src/", ["x", "a/x"], ["setup.sh", "src", "src/a/b"]],
    ["an exception of a folder, and from that one", "a/\n!a\na/x", ["a/x"], ["a/b"]],
    ["comments in the first column, and spaces", "#a\n  b  \n #c\n\t\n", ["b", "#c"], ["a", "c"]],
    ["lines of Windows, and a byte order mark", "\u{feff}a\r\nb\r\n", ["a", "b"], ["c"]],
    // A rule that would change nothing is not met, and so says nothing about what is in the folder
    ["a folder's exception that was not needed", "*/x\n!a*", ["a/x"], ["a"]],
  ])("%s", (_name, text, ignored, kept) => {
    for (const path of ignored) expect([path, ignores(text, path)]).toEqual([path, true]);
    for (const path of kept) expect([path, ignores(text, path)]).toEqual([path, false]);
  });

  test("leaves out history and the manifest by itself, unless a line brings them back", () => {
    for (const path of [".git/config", "sub/.git", "sub/.git/config", "claude-bottle.json"]) {
      expect([path, ignores("", path)]).toEqual([path, true]);
    }
    expect(ignores("", ".gitignore")).toBe(false);
    expect(ignores("", "sub/claude-bottle.json")).toBe(false);
    expect(ignores("!.git", ".git/config")).toBe(false);
    expect(ignores("!claude-bottle.json", "claude-bottle.json")).toBe(false);
  });

  test.each([
    ["node_modules", "node_modules", false],
    ["node_modules\n!src", "node_modules", false],
    ["a\n!a/keep", "a", true],
    ["a\n!a/b/keep", "a/b", true],
    ["a\n!a/keep", "a/b", false],
    ["a\n!**/keep", "a/b", true],
    ["a\n!a/*/keep", "a/b", true],
  ])("tells where nothing can come back: %j, %j", (text, folder, may) => {
    expect(parseIgnoreRules(text, "").mayKeepBelow(folder)).toBe(may);
  });
});
