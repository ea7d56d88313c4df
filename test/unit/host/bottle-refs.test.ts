import { describe, expect, test } from "bun:test";
import { isPlainName, placeRefs } from "../../../src/host/bottle-refs.ts";

const ids = ["1", "2", "3"].map((digit) => digit.repeat(40));
const [one = "", two = "", three = ""] = ids;

describe("placeRefs()", () => {
  test("puts branches and what has no branch below the session", () => {
    const refs = [
      { id: one, name: "refs/heads/feature/a" },
      { id: two, name: "refs/claude-bottle/uncommitted" },
      { id: two, name: "refs/claude-bottle/stash/0" },
    ];
    expect(placeRefs("k3f9q2", refs, []).map((ref) => ref.target)).toEqual([
      "refs/bottles/k3f9q2/heads/feature/a",
      "refs/bottles/k3f9q2/uncommitted",
      "refs/bottles/k3f9q2/stash/0",
    ]);
  });

  test("takes nothing else, whatever it is called", () => {
    const names = ["refs/stash", "refs/remotes/origin/x", "HEAD", "refs/heads", "refs/bottles/other/heads/x"];
    expect(
      placeRefs(
        "k3f9q2",
        names.map((name) => ({ id: one, name })),
        [],
      ),
    ).toEqual([]);
  });

  test.each([
    "a..b",
    "-option",
    "x/-y",
    ".hidden",
    "a.lock",
    "a.lock/b",
    "a/",
    "a//b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a@{1}",
    "@",
    "HEAD",
    "x/HEAD",
    "\u001b[31m",
    "b\u202eidi",
    "$(touch x)",
    "a;b",
    "`a`",
    "x".repeat(200),
    "",
  ])("replaces the name %j by one made of the commit", (name) => {
    const [ref] = placeRefs("s", [{ id: one, name: `refs/heads/${name}` }], []);
    expect(ref?.target).toBe(`refs/bottles/s/heads/renamed-${one.slice(0, 12)}`);
    expect(isPlainName(ref?.target ?? "")).toBe(true);
  });

  test("keeps apart what a file system takes for the same name, and gives small letters the way", () => {
    const refs = ["MAIN", "Main", "main"].map((name, index) => ({
      id: ids[index] ?? "",
      name: `refs/heads/${name}`,
    }));
    expect(placeRefs("s", refs, []).map((ref) => [ref.source, ref.target])).toEqual([
      ["refs/heads/main", "refs/bottles/s/heads/main"],
      ["refs/heads/MAIN", `refs/bottles/s/heads/renamed-${one.slice(0, 12)}`],
      ["refs/heads/Main", `refs/bottles/s/heads/renamed-${two.slice(0, 12)}`],
    ]);
  });

  test("keeps a branch and a folder of one name apart, also from an earlier time", () => {
    const [ref] = placeRefs("s", [{ id: three, name: "refs/heads/a/b" }], ["refs/bottles/s/heads/a"]);
    expect(ref?.target).toBe(`refs/bottles/s/heads/renamed-${three.slice(0, 12)}`);
    const [other] = placeRefs("s", [{ id: three, name: "refs/heads/a" }], ["refs/bottles/s/heads/a/b"]);
    expect(other?.target).toBe(`refs/bottles/s/heads/renamed-${three.slice(0, 12)}`);
  });

  test("lets the same branch move", () => {
    const [ref] = placeRefs("s", [{ id: three, name: "refs/heads/a" }], ["refs/bottles/s/heads/a"]);
    expect(ref?.target).toBe("refs/bottles/s/heads/a");
  });
});
