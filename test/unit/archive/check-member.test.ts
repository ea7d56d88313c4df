import { describe, expect, test } from "bun:test";
import { MemberCheck } from "../../../src/archive/check-member.ts";
import type { CheckRules } from "../../../src/archive/check-member.ts";
import type { Member } from "../../../src/archive/tar-item.ts";

const strict: CheckRules = { root: "r", links: "inside", foldsCase: false, leavesOutGit: true };

function member(kind: Member["kind"], name: string, linkTarget = ""): Member {
  return { name, kind, linkTarget, what: "a FIFO", mode: 0o644, size: 0, changedAt: 0 };
}

/** The verdicts of members in a row; `accepted` with the parts, or the reason. */
function judge(rules: Partial<CheckRules>, ...members: Member[]): string[] {
  const check = new MemberCheck({ ...strict, ...rules });
  return members.map((one) => {
    const verdict = check.check(one);
    if (verdict.verdict === "refused") return verdict.reason;
    return verdict.verdict === "accepted" ? `accepted ${verdict.parts.join("/")}` : verdict.verdict;
  });
}

const file = (name: string) => member("file", name);
const folder = (name: string) => member("directory", name);
const link = (name: string, target: string) => member("symlink", name, target);
const hard = (name: string, target: string) => member("hardlink", name, target);

describe("MemberCheck", () => {
  test.each([
    ["r/a", "accepted a"],
    ["r", "accepted "],
    ["./r//a/./b", "accepted a/b"],
    ["r/a\u001b[31m\n", "accepted a\u001b[31m\n"],
    ["r/\xff", "accepted \xff"],
    ["r/...", "accepted ..."],
    ["/r/a", "its name is an absolute path"],
    ["//etc", "its name is an absolute path"],
    ["../r/a", 'its name holds ".."'],
    ["r/..", 'its name holds ".."'],
    ["r/a/../../../x", 'its name holds ".."'],
    ["s/a", "it is not what was asked for"],
    ["rr", "it is not what was asked for"],
    ["", "it is not what was asked for"],
    ["r/a\0b", "its name holds a NUL"],
    [`r/${"a/".repeat(3_000)}`, "its name is too long"],
    ["r/.git", "left-out"],
    ["r/a/.GIT/config", "left-out"],
    ["r/.g\xe2\x80\x8cit/config", "left-out"],
    ["r/GIT~1", "left-out"],
    ["r/.gitignore", "accepted .gitignore"],
  ])("judges the name %j", (name, verdict) => {
    expect(judge({}, file(name))).toEqual([verdict]);
  });

  test("takes names that begin anywhere where no root is agreed, but not the place itself as a file", () => {
    expect(judge({ root: undefined }, folder("."), file("./a"), file("."), file("../b"))).toEqual([
      "accepted ",
      "accepted a",
      "it has no name",
      'its name holds ".."',
    ]);
  });

  test("refuses what is no file, folder or link", () => {
    expect(judge({}, member("other", "r/a"))).toEqual(["it is a FIFO"]);
  });

  test("lets nothing through a link, nor a link take the place of a folder", () => {
    const verdicts = judge(
      {},
      link("r/l", "a"),
      file("r/l/x"),
      folder("r/l"),
      file("r/l"),
      file("r/d/x"),
      link("r/d", "a"),
      file("r/d"),
      file("r/d/x/y"),
    );
    expect(verdicts.map((one) => one.startsWith("accepted"))).toEqual([
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  test("lets nothing through a link that it refused either", () => {
    expect(
      judge({}, link("r/l", "/etc"), file("r/l/passwd"), file("r/fine")).map((one) => one.slice(0, 8)),
    ).toEqual(["it is a ", "a link s", "accepted"]);
  });

  test("takes the same name of the same kind again: the later one counts", () => {
    expect(
      judge({}, file("r/a"), file("r/a"), folder("r/d"), folder("r/d"), link("r/l", "a"), link("r/l", "d")),
    ).not.toContain(expect.not.stringContaining("accepted"));
  });

  test("takes a hard link to a file that came before, and to nothing else", () => {
    const verdicts = judge(
      {},
      hard("r/early", "r/a"),
      file("r/a"),
      hard("r/b", "r/a"),
      hard("r/c", "./r//b"),
      hard("r/a", "r/a"),
      hard("r/d", "/etc/passwd"),
      hard("r/e", "r/../../etc/passwd"),
      hard("r/f", "etc/passwd"),
      link("r/l", "a"),
      hard("r/g", "r/l"),
      hard("r/h", "r"),
    );
    expect(verdicts.map((one) => one.startsWith("accepted"))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  test("refuses names that a disk without case takes for one, in whatever part", () => {
    const members = [
      file("r/Dir/a"),
      file("r/dir/b"),
      file("r/Dir/A"),
      file("r/Dir/c"),
      file("r/stra\xc3\x9fe"),
    ];
    expect(judge({ foldsCase: true }, ...members).map((one) => one.startsWith("accepted"))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
    const composed = [file("r/\xc3\xa9"), file("r/e\xcc\x81")];
    expect(judge({ foldsCase: true }, ...composed)[1]).toContain("on this disk its name is the same as");
    expect(judge({}, ...composed, ...members)).not.toContain(expect.not.stringContaining("accepted"));
  });

  test.each([
    ["names, folders on the way among them", { names: 4, nameBytes: 1_000 }],
    ["bytes of names", { names: 1_000, nameBytes: "folder".length + "folder/a".length + "b".length }],
  ])("keeps in mind as many %s as agreed, and no more", (_name, limits) => {
    const check = new MemberCheck(strict, limits);
    // The place itself, the folder and two files; one that comes again is no other
    for (const name of ["r/folder/a", "r/b", "r/b"]) expect(check.check(file(name)).verdict).toBe("accepted");
    expect(() => check.check(file("r/c"))).toThrow("more names than can be kept in mind");
  });

  test("lets a link say what it likes where it is not followed", () => {
    expect(judge({ links: "any" }, link("r/l", "/etc/passwd"))).toEqual(["accepted l"]);
  });
});

describe("a link", () => {
  test.each([
    ["r/l", "a"],
    ["r/l", "a/b/c"],
    ["r/l", "./a//b"],
    ["r/l", "."],
    ["r/a/b/l", "../.."],
    ["r/a/b/l", "../../x/y"],
    ["r/a/b/l", "../c"],
  ])("%s to %s stays inside", (name, target) => {
    expect(judge({}, link(name, target))[0]).toStartWith("accepted");
  });

  test.each([
    ["r/l", "/etc/passwd"],
    ["r/l", "//x"],
    ["r/l", ".."],
    ["r/l", "../x"],
    ["r/a/l", "../.."],
    ["r/a/l", "./../../x"],
    ["r/a/l", "b/../../.."],
    // By its names alone it stays: by a link in the place of b it need not
    ["r/a/b/l", "c/.."],
    ["r/l", ""],
    ["r/l", "a\0b"],
    ["r/l", "a/".repeat(3_000)],
    ["r", "a"],
  ])("%s to %j does not", (name, target) => {
    expect(judge({}, link(name, target))[0]).toStartWith("it is a link to");
  });
});
