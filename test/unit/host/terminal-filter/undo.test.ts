/** All that passes the filter is taken back at the end, on any terminal, whatever its user had set. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { findDifference, makeOutput, makeStart } from "../../../../scripts/lib/fuzz/terminal-filter.ts";
import { Picker } from "../../../../scripts/lib/fuzz/picker.ts";
import { undoChanges } from "../../../../src/host/terminal-filter/changes.ts";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";
import { ModelTerminal } from "../../../support/model-terminal.ts";

const start = { modesOn: [7, 8, 12, 25, 1007, 2027], keyboard: [1] };

function pass(output: string) {
  const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  return { sent: Buffer.from(filter.push(Buffer.from(output))).toString(), undo: filter.undoing() };
}

describe("a terminal", () => {
  test.each(
    [
      ["[?8l", "[?67h", "[?1007l", "[?1034h", "[?1036h", "[?1039h", "[?2027l", "[?12l", "[?001049h"],
      ["[>1m", "[>2m", "[>m", "[>1;2m", "[>2n", "[>4;2m", "[>4n"],
      // Kitty's keyboard: pushed often, popped too much, set without a push, left on the other screen
      ["[>1u[>5u[>7u", "[<9u", "[=5u", "[?1049h[>1u[>5u[?1049l", "[>3u[?1049h[>1u"],
      Array.from({ length: 9 }, () => "[>1u".repeat(20)),
      ["[3g", "H", ")0\u000e", "[?69h[2;9s", "[!p", "c", "[?1049h[!p", "]4;1;red\u0007", "]104\u0007"],
    ].flat(),
  )("is as before after %j", (sequence) => {
    const output = sequence.replaceAll(/(?=\[|\]|^H|^\)|^c)/g, "\u001b");
    const { sent, undo } = pass(output);
    expect(findDifference(start, sent, undo)).toBeUndefined();
  });

  test("the control: is another one without the filter, whatever is sent at the end", () => {
    for (const output of [
      "\u001b[?67h",
      "\u001b[?1007l",
      "\u001b[>2;1m",
      "\u001b[>1u\u001b[>5u\u001b[>7u",
      "\u001b[3g",
    ])
      expect(findDifference(start, output, `\u001b[<1u${undoChanges}`)).toBeDefined();
    const seeds = Array.from({ length: 400 }, (_, at) => new Picker(at));
    const changed = seeds.filter((picker) => {
      const output = makeOutput(picker).toString();
      return findDifference(makeStart(picker), output, undoChanges) !== undefined;
    });
    expect(changed.length).toBeGreaterThan(300);
  });

  test.each(["claude-xterm.bin", "claude-ghostty.bin"])(
    "is as before after a real session, %s",
    async (name) => {
      const recorded = await Bun.file(join(import.meta.dir, "../../../support/recorded", name)).text();
      // Ended at any moment
      for (const share of [0.1, 0.3, 0.5, 0.7, 1]) {
        const { sent, undo } = pass(recorded.slice(0, recorded.length * share));
        expect(findDifference(start, sent, undo)).toBeUndefined();
      }
    },
  );
});

describe("kitty's keyboard", () => {
  /** The flags that hold after this, with and without the filter */
  const flags = (output: string) => {
    const terminal = new ModelTerminal({ modesOn: [], keyboard: [] });
    terminal.write(output);
    const { keyboards, isAlternate } = terminal.describe() as {
      readonly keyboards: readonly [number[], number[]];
      readonly isAlternate: boolean;
    };
    return keyboards[isAlternate ? 1 : 0].at(-1) ?? 0;
  };

  test("is to a program what it would be without the filter", () => {
    const steps = [">1", ">5", ">", "<", "<2", "=8;2", "=1;3", "=4"].map((step) => `\u001b[${step}u`);
    for (let seed = 0; seed < 2_000; seed += 1) {
      const picker = new Picker(seed);
      const output = picker
        .list(1, 7, () => picker.pick([...steps, "\u001b[?1049h", "\u001b[?1049l"]))
        .join("");
      expect([output, flags(pass(output).sent)]).toEqual([output, flags(output)]);
    }
  });
});
