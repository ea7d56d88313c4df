/** All that there is of a kind, and each limit of the filter exactly at it and one off. */
import { describe, expect, test } from "bun:test";
import {
  judgeControlSequence,
  measurePlainSequence,
} from "../../../../src/host/terminal-filter/csi-rules.ts";
import { judgeEscape } from "../../../../src/host/terminal-filter/escape-rules.ts";
import { judgeCommand } from "../../../../src/host/terminal-filter/osc-rules.ts";
import { ScreenState } from "../../../../src/host/terminal-filter/screen-state.ts";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";
import { lengthByLead, measureCharacter } from "../../../../src/host/terminal-filter/utf8.ts";

const characters = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index));
const finals = characters(0x40, 0x7e);

function show(text: string | Uint8Array, allowsClipboard = false): string {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return Buffer.from(new TerminalFilter({ allowsClipboard, allowsTitle: true }).push(bytes)).toString();
}

describe("of all control sequences", () => {
  const passing = (prefix: string, parameters: string, between = "") =>
    finals
      .filter((final) => judgeControlSequence(`${prefix}${parameters}${between}${final}`) !== "")
      .join("");

  test.each([
    ["", "", "@ABCDEFGHIJKLMPSTXZ`abcdefmrsu"],
    ["", "0", "@ABCDEFGHIJKLMPSTXZ`abcdefmrsu"],
    ["", "1", "@ABCDEFGHIJKLMPSTXZ`abdefmrsu"],
    ["", "4", "@ABCDEFGHIJKLMPSTXZ`abdefhlmrsu"],
    ["", "5", "@ABCDEFGHIJKLMPSTXZ`abdefmnrsu"],
    ["", "21", "@ABCDEFGHIJKLMPSTXZ`abdefmrsu"],
    ["?", "", "JKmu"],
    ["?", "6", "JKmnu"],
    ["?", "1", "JKhlmu"],
    [">", "", "cqu"],
    [">", "1", "u"],
    [">", "4", "mnu"],
    ["<", "1", "u"],
    ["=", "", "cu"],
    ["=", "1", "u"],
  ])("with %j and the parameter %j these pass", (prefix, parameters, expected) => {
    expect(passing(prefix, parameters)).toBe(expected);
  });

  test("with something between, these pass", () => {
    const between = characters(0x20, 0x2f);
    const all = ["", "?", ">", "<", "="].flatMap((prefix) =>
      between.flatMap((one) => [...passing(prefix, "1", one)].map((final) => `${prefix}1${one}${final}`)),
    );
    expect(all).toEqual(["1 q", "1$p", "?1$p"]);
  });

  test("questions about a window are those for its sizes", () => {
    const asked = Array.from({ length: 40 }, (_, number) => number).filter(
      (number) => judgeControlSequence(`${number}t`) !== "",
    );
    expect(asked).toEqual([14, 16, 18]);
    expect(judgeControlSequence("018t")).toBe("\u001b[18t");
    expect(judgeControlSequence("t")).toBe("");
  });

  test("the quick way takes 61 parameters' characters, and the same as the slow one", () => {
    const measure = (text: string) => measurePlainSequence(Buffer.from(text), 0);
    for (const final of finals) {
      const text = `\u001b[12;3:4${final}`;
      if (measure(text) > 0) expect(judgeControlSequence(`12;3:4${final}`)).toBe(text);
    }
    expect(measure(`\u001b[${"1".repeat(61)}m`)).toBe(64);
    expect(measure(`\u001b[${"1".repeat(62)}m`)).toBe(0);
    expect(["\u001b[/m", "\u001b[<m", "\u001b[?m", "\u001b[", "\u001bm"].map(measure)).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(measure("\u001b[0123456789:;m")).toBe(15);
  });
});

test("of all short escape sequences these pass", () => {
  const all = ["", ...characters(0x20, 0x2f)].flatMap((between) =>
    characters(0x30, 0x7e).map((final) => between + final),
  );
  expect(all.filter((one) => judgeEscape(one) !== "").join(" ")).toBe(
    "7 8 = > c #8 (0 (A (B )0 )A )B *0 *A *B +0 +A +B",
  );
});

describe("of all operating system commands", () => {
  const judge = (text: string, allowsClipboard = false) =>
    judgeCommand(Buffer.from(text), { allowsClipboard, allowsTitle: true }).body;

  test("these pass with a word behind them", () => {
    const numbers = Array.from({ length: 2_000 }, (_, number) => String(number));
    const passing = numbers.filter((number) => judge(`${number};red`) !== undefined);
    // 8 ends a link, whatever it has
    expect(passing).toEqual(["0", "1", "2", "8"]);
    expect(numbers.filter((number) => judge(`${number};?`) !== undefined)).toEqual([
      ...passing,
      "10",
      "11",
      "12",
    ]);
    expect(numbers.filter((number) => judge(number) !== undefined)).toEqual(passing);
  });

  test("a title has 256 characters", () => {
    expect(judge(`2;${"🎉".repeat(256)}`)).toBe(`2;${"🎉".repeat(256)}`);
    expect(judge(`2;${"🎉".repeat(256)}x`)).toBe(`2;${"🎉".repeat(256)}`);
  });

  test("a link has an address of 2,048 characters and parameters of 256", () => {
    const link = (length: number) => `8;;https://${"a".repeat(length - 8)}`;
    expect(judge(link(2_048))).toBe(link(2_048));
    expect(judge(link(2_049))).toBe("8;;");
    const named = (length: number) => `8;${"i".repeat(length)};https://a`;
    expect(judge(named(256))).toBe(named(256));
    expect(judge(named(257))).toBe("8;;");
  });

  test("the clipboard is only filled where that is allowed", () => {
    const fill = "52;c;aGVsbG8=";
    expect([judge(fill), judge(fill, true)]).toEqual([undefined, fill]);
    expect(judge("52;c;?", true)).toBeUndefined();
  });
});

describe("how much is held back", () => {
  test("of a control sequence 512 bytes", () => {
    // Too long for the quick way
    const sequence = (length: number) => `\u001b[${"1;".repeat(length)}`.slice(0, length + 1);
    expect(show(`${sequence(512)}m.`)).toBe(`${sequence(512)}m.`);
    expect(show(`${sequence(513)}m.`)).toBe("m.");
  });

  test("of a command 8 KiB, and with the clipboard 1 MiB", () => {
    const title = (length: number) => `\u001b]2;${"x".repeat(length - 2)}\u0007.`;
    const cut = `\u001b]2;${"x".repeat(256)}\u0007.`;
    expect(show(title(8 * 1024))).toBe(cut);
    expect(show(title(8 * 1024 + 1))).toBe(".");
    expect(show(title(1024 * 1024), true)).toBe(cut);
    expect(show(title(1024 * 1024 + 1), true)).toBe(".");
  });

  test("of what is skipped 8 MiB, and then what follows is text", () => {
    const skipped = (length: number) => `\u001bP${"x".repeat(length)}`;
    expect(show(`${skipped(8 * 1024 * 1024)}\u001b\\.`)).toBe(".");
    expect(show(`${skipped(8 * 1024 * 1024 + 1)}.`)).toBe(".");
    expect(show(`${skipped(8 * 1024 * 1024)}.`)).toBe("");
  }, 30_000);
});

describe("bytes", () => {
  test("of all controls these pass alone", () => {
    const passing = characters(0, 0x1f).filter((one) => show(`a${one}b`) === `a${one}b`);
    expect(passing.map((one) => one.charCodeAt(0))).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(show("a\u007fb")).toBe("ab");
    expect(show(" ~")).toBe(" ~");
  });

  test("of all raw bytes above ASCII those that move the cursor are written anew, and none else pass", () => {
    const written = Array.from({ length: 128 }, (_, index) => index + 0x80).flatMap((byte) => {
      const shown = show(Uint8Array.from([byte, 0x0a]));
      return shown === "\n" || shown === "\ufffd\n" || shown === "" ? [] : [[byte.toString(16), shown]];
    });
    expect(written).toEqual([
      ["84", "\u001bD\n"],
      ["85", "\u001bE\n"],
      ["8d", "\u001bM\n"],
    ]);
  });

  test("of a character are as many as its first one says, by Unicode's table 3-7", () => {
    const lengths = Array.from({ length: 256 }, (_, lead) => lengthByLead(lead));
    const changes = lengths.flatMap((length, lead) =>
      length === lengths[lead - 1] ? [] : [`${lead.toString(16)}: ${length}`],
    );
    expect(changes).toEqual(["0: 1", "80: 0", "c2: 2", "e0: 3", "f0: 4", "f5: 0"]);
  });

  test("make a character exactly where they do for a strict decoder", () => {
    const decode = (bytes: Uint8Array) => {
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes).length > 0;
      } catch {
        return false;
      }
    };
    const tails = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
    for (let lead = 0xc0; lead < 0x100; lead += 1) {
      for (const second of tails) {
        for (const third of tails) {
          const bytes = Uint8Array.from([lead, second, third, 0x80]).subarray(
            0,
            Math.max(2, lengthByLead(lead)),
          );
          const isOne = measureCharacter(bytes, 0) === bytes.length;
          expect(`${Buffer.from(bytes).toString("hex")} ${isOne}`).toBe(
            `${Buffer.from(bytes).toString("hex")} ${decode(bytes)}`,
          );
        }
      }
    }
  });

  test("that are missing at the end of a chunk are waited for, at every length", () => {
    for (const one of ["é", "日", "🎉"]) {
      const bytes = Buffer.from(one);
      for (let at = 1; at < bytes.length; at += 1) {
        expect(measureCharacter(bytes.subarray(0, at), 0)).toBe("cut");
        const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
        const parts = [bytes.subarray(0, at), bytes.subarray(at)].map((part) => filter.push(part));
        expect(Buffer.concat(parts).toString()).toBe(one);
      }
    }
  });
});

describe("what a program has switched on", () => {
  const after = (...sequences: string[]) => {
    const screen = new ScreenState();
    for (const one of sequences) screen.take(one);
    return screen.render();
  };

  test("of kitty's keyboard the last fifteen that were pushed, less what was popped", () => {
    const pushes = Array.from({ length: 16 }, (_, number) => `\u001b[>${number}u`);
    expect(after(...pushes.slice(0, 15))).toBe(pushes.slice(0, 15).join(""));
    expect(after(...pushes)).toBe(pushes.slice(1).join(""));
    expect(after(...pushes.slice(0, 3), "\u001b[<u")).toBe(pushes.slice(0, 2).join(""));
    expect(after(...pushes.slice(0, 3), "\u001b[<2u")).toBe(pushes[0] ?? "");
    expect(after(...pushes.slice(0, 3), "\u001b[<9u")).toBe("");
  });

  test("but not what is on in any terminal, and what is off there if it was", () => {
    expect(after("\u001b[?7h", "\u001b[?25h")).toBe("");
    expect(after("\u001b[?7l", "\u001b[?25l")).toBe("\u001b[?7l\u001b[?25l");
    expect(after("\u001b[?7l", "\u001b[?7h")).toBe("");
    expect(after("\u001b[?2004h", "\u001b[?2004l")).toBe("");
    for (const reset of ["\u001bc", "\u001b[!p"]) expect(after("\u001b[?1049h\u001b[>1u", reset)).toBe("");
  });
});
