import { describe, expect, test } from "bun:test";
import { renderGrants } from "../../../src/plan/preflight.ts";
import { aFilesPlan, aPlan, aSource } from "../../support/manifests.ts";

/** The section alone: its first line, and those that begin deeper than a title */
const show = (plan: Parameters<typeof aPlan>[0]) =>
  /^ {2}files .*\n(?: {13}.*\n)*/m.exec(renderGrants(aPlan(plan), { hasColor: false }))?.[0];

describe("the files in a plan", () => {
  test("are shown with their place, size, origin, and what is left out of them", () => {
    const files = [
      aFilesPlan({
        leftOut: ["out", "x\u001b[2J"],
        source: aSource({ file: "~/claude-bottle.json", scope: "home" }),
      }),
      aFilesPlan({ target: "~/.inputrc", path: "/home/u/.inputrc", files: 1, bytes: 12, leftOut: [] }),
    ];
    expect(show({ files })).toMatchInlineSnapshot(`
      "  files      ~/.config/tool/  2 files, 2.0 KiB  ~/claude-bottle.json:3:5
                                    from              /home/u/dotfiles/tool (7d7d7d7d…)
                                    without           "out", "x\\x1b[2J", which lead out of the folder or are special files
                   ~/.inputrc       1 file, 12 B      claude-bottle.json:3:5 [project file]
                                    from              /home/u/.inputrc (7d7d7d7d…)
      "
    `);
  });

  test("are named up to ten where they are left out, and no section is there without any", () => {
    const leftOut = Array.from({ length: 12 }, (_, one) => `l${one}`);
    expect(show({ files: [aFilesPlan({ leftOut })] })).toContain(
      '"l9" and 2 more, which lead out of the folder',
    );
    expect(show({})).toBeUndefined();
  });
});
