import { describe, expect, test } from "bun:test";
import { aBottle, aManifest, problemsOf } from "../../support/manifests.ts";

const both = {
  bottles: { dev: { workspace: { bring: ["dist/"], exclude: [".env", ".env"] } } },
  agents: { helper: { bottle: "dev", workspace: { bring: ["dist/", "*.whl"], exclude: ["secrets/"] } } },
};

describe("what a manifest says about the workspace", () => {
  test("stands in a bottle and in an agent, each pattern once", () => {
    const { bottles, agents } = aManifest(both);
    expect(bottles.get("dev")?.workspace).toEqual({ bring: ["dist/"], exclude: [".env"] });
    expect(agents.get("helper")?.workspace).toEqual({ bring: ["dist/", "*.whl"], exclude: ["secrets/"] });
    expect(aBottle({ workspace: { bring: [] } }).workspace).toBeUndefined();
  });

  test.each([
    "dist/",
    "/a/b.txt",
    "**/*.whl",
    "a/**",
    "[a-z]?.key",
    "[]x]",
    "[[:digit:]]",
    "\\#x",
    "\\[",
    "\\{a,b}",
    "ä ö",
    "...",
    ".gitignore",
    "{a}",
  ])("takes %j", (pattern) => {
    expect(aBottle({ workspace: { exclude: [pattern] } }).workspace?.exclude).toEqual([pattern]);
  });

  test.each([
    ["", "is empty"],
    [" ", "is empty"],
    ["a".repeat(201), "is longer than 200 characters"],
    ["a\0", "holds a NUL character or a line break"],
    ["a\nb", "holds a NUL character or a line break"],
    ["a\r", "holds a NUL character or a line break"],
    ["\ud800", "holds half a character, which no file name can hold"],
    [".env ", '".env " begins or ends with a space'],
    ["!a", '"!a" begins with "!"; list what is meant; no pattern undoes another one'],
    ["#a", '"#a" begins with "#", which makes it a comment; write "\\\\#"'],
    ["~/x", '"~/x" leads out of the workspace; patterns are relative to its root'],
    ["a/../../b", '"a/../../b" leads out of the workspace; patterns are relative to its root'],
    ["..", '".." leads out of the workspace; patterns are relative to its root'],
    ["./secrets/", '"./secrets/" has the part "."; leave it out'],
    ["/", '"/" has no name between two slashes'],
    ["a//b", '"a//b" has no name between two slashes'],
    ["x/.GIT/", '"x/.GIT/" names a .git folder, which is never copied: git itself carries the history'],
    ["a\\b", '"a\\\\b" has a "\\\\" that escapes nothing; folders are divided by "/"'],
    ["a\\", '"a\\\\" has a "\\\\" that escapes nothing; folders are divided by "/"'],
    ["[a", '"[a" has a "[" without its "]"'],
    ["[!]", '"[!]" has a "[" without its "]"'],
    ["[]", '"[]" has a "[" without its "]"'],
    ["s.{yml,json}", '"s.{yml,json}" has braces, which git does not expand; write several patterns'],
  ])("refuses %j, in either list, of a bottle and of an agent", (pattern, problem) => {
    for (const list of ["bring", "exclude"]) {
      const workspace = { [list]: ["ok", pattern] };
      expect(problemsOf({ bottles: { b: { workspace } } })).toEqual([
        `bottles.b.workspace.${list}[1] ${problem}`,
      ]);
      expect(problemsOf({ bottles: { b: {} }, agents: { a: { bottle: "b", workspace } } })).toEqual([
        `agents.a.workspace.${list}[1] ${problem}`,
      ]);
    }
  });

  test("refuses other shapes and too many", () => {
    expect(
      problemsOf({
        bottles: {
          a: { workspace: [] },
          b: { workspace: { exlude: [] } },
          c: { workspace: { bring: "dist" } },
          d: { workspace: { bring: [1] } },
          e: { workspace: { bring: Array.from({ length: 201 }, (_, index) => `a${index}`) } },
        },
      }),
    ).toMatchInlineSnapshot(`
      [
        "bottles.a.workspace must be an object, not a list",
        "bottles.b.workspace.exlude is not a known key; did you mean "exclude"?",
        "bottles.c.workspace.bring must be a list, not "dist"",
        "bottles.d.workspace.bring[0] must be a string, not 1",
        "bottles.e.workspace.bring has more than 200 patterns",
      ]
    `);
  });
});
