import { describe, expect, test } from "bun:test";
import { aBottle, aManifest, problemsOf } from "../../support/manifests.ts";

const whole = { run: ["npm ci"], inputs: ["package-lock.json"], keep: ["node_modules/", "~/.npm"] };

const problemsWith = (change: Readonly<Record<string, unknown>>) =>
  problemsOf({ bottles: { b: { setup: { ...whole, ...change } } } });

describe("a setup in a manifest", () => {
  test("is read with its place, and without slashes at the end", () => {
    const { setup } = aBottle({ setup: whole });
    expect(setup).toMatchObject({ ...whole, keep: ["node_modules", "~/.npm"] });
    expect(setup?.source.line).toBeGreaterThan(0);
    expect(aBottle({}).setup).toBeUndefined();
  });

  test("is a bottle's own, or that of the one it extends", () => {
    const own = { ...whole, run: ["make deps"] };
    const { bottles } = aManifest({
      bottles: { a: { setup: whole }, b: { extends: "a" }, c: { extends: "a", setup: own } },
      agents: {},
    });
    expect(bottles.get("b")?.setup?.run).toEqual(["npm ci"]);
    expect(bottles.get("c")?.setup?.run).toEqual(["make deps"]);
  });

  test.each(["a", "a/b", "~/.cache/pip", "~/.local/share/x", "ä ö", "..."])("keeps %j", (folder) => {
    expect(aBottle({ setup: { ...whole, keep: [folder] } }).setup?.keep).toEqual([folder]);
  });

  test.each([
    ["", "is empty"],
    ["/abs", "is absolute; write it relative to the workspace"],
    ["a//b", 'has a part "..", "." or "" between two slashes'],
    ["../x", 'has a part "..", "." or "" between two slashes'],
    ["a/./b", 'has a part "..", "." or "" between two slashes'],
    ["~/../x", 'has a part "..", "." or "" between two slashes'],
    ["~/", "is empty"],
    [".git", "is a folder of git's own"],
    ["a/.git/x", "is a folder of git's own"],
    ["a:b", 'holds ":", which an engine takes for the end of a path'],
    ["a\nb", "holds a control character"],
    ["~/.claude", "is a folder in which each bottle has files of its own (~/.claude)"],
    ["~/.claude/x", "is a folder in which each bottle has files of its own (~/.claude)"],
    ["~/.config", "is a folder in which each bottle has files of its own (~/.config/git)"],
    ["~/.ssh/keys", "is a folder in which each bottle has files of its own (~/.ssh)"],
  ])("does not keep %j", (folder, problem) => {
    expect(problemsWith({ keep: [folder] })).toEqual([`bottles.b.setup.keep[0] ${problem}`]);
  });

  test.each([[["a", "a/b"]], [["a/b", "a"]], [["a", "a/"]]])(
    "does not keep %j, of which one holds the other",
    (keep) => {
      expect(problemsWith({ keep })).toHaveLength(1);
      expect(problemsWith({ keep })[0]).toContain("is listed twice, or lies in another folder of the list");
    },
  );

  test("needs all three, and nothing else", () => {
    expect(problemsWith({ run: [] })).toEqual(["bottles.b.setup.run is empty"]);
    expect(problemsWith({ inputs: [] })).toEqual(["bottles.b.setup.inputs is empty"]);
    expect(problemsWith({ keep: [] })).toEqual(["bottles.b.setup.keep is empty"]);
    expect(problemsWith({ run: [" "] })).toEqual(["bottles.b.setup.run[0] is empty"]);
    expect(problemsWith({ inputs: ["../x"] })).toEqual([
      'bottles.b.setup.inputs[0] has a part "..", "." or "" between two slashes',
    ]);
    expect(problemsWith({ image: "x" })).toEqual([
      "bottles.b.setup.image is not a known key; known here: run, inputs, keep",
    ]);
  });
});
