import { describe, expect, test } from "bun:test";
import { expandPath, hasColor, screenOf, shortenPath } from "../../../src/host/world.ts";
import type { World } from "../../../src/host/world.ts";

type Stream = NodeJS.WriteStream;

function aWorld(env: Record<string, string>, isTTY?: boolean): World {
  return { env, stderr: { isTTY } as Stream } as unknown as World;
}

describe("colour", () => {
  test.each([
    [true, {}, true],
    [true, { TERM: "xterm", NO_COLOR: "" }, true],
    [false, { NO_COLOR: "1" }, true],
    [false, { NO_COLOR: "0" }, true],
    [false, { TERM: "dumb" }, true],
    [false, {}, false],
    [false, {}, undefined],
  ])("is %p with %p at a terminal: %p", (wanted, env: Record<string, string>, isTTY) => {
    expect(hasColor(aWorld(env, isTTY))).toBe(wanted);
  });

  test("is where both the stream and stderr are a terminal, and only a terminal has a width", () => {
    const terminal = { isTTY: true, columns: 80 } as Stream;
    const pipe = { isTTY: false, columns: 80 } as Stream;
    expect(screenOf(aWorld({}, true), terminal)).toEqual({ hasColor: true, width: 80 });
    expect(screenOf(aWorld({}, false), terminal)).toEqual({ hasColor: false, width: 80 });
    expect(screenOf(aWorld({}, true), pipe)).toEqual({ hasColor: false, width: undefined });
    expect(screenOf(aWorld({}, true), {} as Stream)).toEqual({ hasColor: false, width: undefined });
    // A terminal that does not know its size says 0
    expect(screenOf(aWorld({}, true), { isTTY: true, columns: 0 } as Stream).width).toBeUndefined();
  });
});

describe("a path", () => {
  test.each([
    ["/home/me/work/a/b", "a/b"],
    ["/home/me/work", "~/work"],
    ["/home/me/workshop/a", "~/workshop/a"],
    ["/home/me", "~"],
    ["/home/meg/a", "/home/meg/a"],
    ["/etc/x", "/etc/x"],
  ])("%s is shown as %s", (path, shown) => {
    expect(shortenPath(path, { cwd: "/home/me/work", home: "/home/me" })).toBe(shown);
  });

  test.each([
    ["~", "/home/me"],
    ["~/a", "/home/me/a"],
    ["~meg/a", "/base/~meg/a"],
    ["/a", "/a"],
    ["a/b", "/base/a/b"],
    ["./a", "/base/a"],
    [".a", "/base/.a"],
    ["a/./b", "/base/a/./b"],
  ])("%s stands for %s", (path, absolute) => {
    expect(expandPath(path, "/home/me", "/base")).toBe(absolute);
  });
});
