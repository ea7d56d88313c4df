import { describe, expect, test } from "bun:test";
import { nameSource, parsePlace, planCopy } from "../../../../src/cli/copy/parse-place.ts";
import { failureOf } from "../../../support/failure.ts";

describe("parsePlace()", () => {
  test.each([
    ["a", { kind: "local", path: "a" }],
    ["./a:b", { kind: "local", path: "./a:b" }],
    ["/a:b", { kind: "local", path: "/a:b" }],
    ["../a:b", { kind: "local", path: "../a:b" }],
    [".hidden:b", { kind: "local", path: ".hidden:b" }],
    ["-", { kind: "stream" }],
    ["hello:a", { kind: "bottle", bottle: "hello", path: "a" }],
    ["hello:/a", { kind: "bottle", bottle: "hello", path: "/a" }],
    ["hello:.", { kind: "bottle", bottle: "hello", path: "." }],
    ["hello:a:b", { kind: "bottle", bottle: "hello", path: "a:b" }],
    ["hello:-", { kind: "bottle", bottle: "hello", path: "-" }],
    [":a", { kind: "bottle", bottle: undefined, path: "a" }],
  ])("reads %j", (word, place) => {
    expect(parsePlace(word)).toEqual(place as ReturnType<typeof parsePlace>);
  });
});

describe("planCopy()", () => {
  test("takes one side in a bottle, and the other not", () => {
    expect(planCopy("b:x", "y").way).toBe("out");
    expect(planCopy("b:x", "-").way).toBe("out");
    expect(planCopy("y", "b:x").way).toBe("in");
    expect(planCopy("-", "b:x").way).toBe("in");
  });

  test.each([
    ["a", "b", "none is in a bottle"],
    ["-", "-", "none is in a bottle"],
    ["-", "a", "none is in a bottle"],
    ["b:a", "c:d", "both are in a bottle"],
    ["b:", "c", '"b:" names no path'],
    ["", "b:c", "a path is empty"],
  ])("refuses %j to %j", async (source, target, state) => {
    const error = await failureOf(Promise.try(() => planCopy(source, target)));
    expect([error.message, error.exitCode]).toEqual([`Cannot copy: ${state}`, 2]);
    expect(error.hint).toBeString();
  });
});

describe("nameSource()", () => {
  test.each([
    ["a", "a", false],
    ["a/", "a", false],
    ["a/.", "a", true],
    ["a/./", "a", true],
    ["/x/y", "y", false],
    [".", "here", true],
    ["./", "here", true],
    ["..", "is", false],
    ["../..", "", true],
    ["/", "", true],
    ["a/..", "here", false],
    ["a/b/../c", "c", false],
    ["../../../../x", "x", false],
  ])("calls %j %j", (path, name, isContents) => {
    expect(nameSource(path, "/is/here")).toEqual({ name, isContents });
  });
});
