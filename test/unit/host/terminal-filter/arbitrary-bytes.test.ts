import { describe, expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";

/** Pieces from which sequences are made, good and bad, whole and torn; picked at random together with bare bytes */
const pieces = [
  "\u001b[21t",
  "\u001b]52;c;?\u0007",
  "\u001b",
  "\u001b[",
  "\u001b]",
  "\u001bP",
  "\u001b_",
  "\u001b^",
  "\u001bX",
  "\u001bk",
  "\u001b\\",
  "\u0007",
  "\u0005",
  "\u0018",
  "\n",
  "52;c;?",
  "52;c;YQ==",
  "0;title",
  "8;;file:///x",
  "8;;https://x.example",
  "9;note",
  "1337;x",
  "10;?",
  "21t",
  "20t",
  "6n",
  "c",
  ">q",
  "?2l",
  "?25;2h",
  "31m",
  "*y",
  "5i",
  "%@",
  " G",
  "+q544e",
  "$qm",
  "text",
  "é",
  "雛",
  "\u009b",
  "\u009d",
  "\u0090",
  "\u009c",
].map((piece) => Buffer.from(piece));
const rawPieces = [0x84, 0x90, 0x98, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xc0, 0xc2, 0xe0, 0xe2, 0xf0, 0xff].map(
  (byte) => Buffer.of(byte),
);

/** What may come out, by a grammar of its own: text, and whole sequences of the kinds that pass */
const clean = new RegExp(
  [
    "[\\x07-\\x0f\\x20-\\x7e\\u00a0-\\u{10ffff}]",
    "\\x1b(?:[78=>DEM]|[()*+][0AB]|#8)",
    "\\x1b\\[(?![0-9;]*[tinhl])[0-9;:]*[@-Z`a-fmrsu]",
    "\\x1b\\[0*[56][0-9;]*n|\\x1b\\[0*4l|\\x1b\\[0*4h|\\x1b\\[0*1[468][0-9;:]*t",
    "\\x1b\\[[>=]?[0;:]*[0-9;:]*c|\\x1b\\[>[0-9;:]*[qmnu]|\\x1b\\[[?<=][0-9;:]*u|\\x1b\\[\\?[0-9;:]*[mnJK]",
    "\\x1b\\[\\?(?!0*2(?:;|[hl]))[0-9;]+[hl]|\\x1b\\[\\??[0-9;:]*\\$p|\\x1b\\[[0-9;:]* q",
    "\\x1b\\](?:[012];[^\\p{C}]*|8;[^\\p{C};]*;(?:https?://[\\x21-\\x7e]+)?|(?:4|10|11|12)(?:;[^\\p{C}]*)?|9;4;[0-9;]*)(?:\\x07|\\x1b\\\\)",
  ].join("|"),
  "uy",
);

function isClean(text: string): boolean {
  for (let at = 0; at < text.length; at = clean.lastIndex) {
    clean.lastIndex = at;
    if (!clean.test(text)) return false;
  }
  return true;
}

/** A generator of its own, so that a failure can be repeated by its seed */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function makeBytes(random: (below: number) => number): Buffer {
  const count = 1 + random(24);
  return Buffer.concat(
    Array.from({ length: count }, () => {
      const kind = random(10);
      if (kind === 0) return Buffer.of(random(256));
      if (kind === 1) return rawPieces[random(rawPieces.length)] ?? Buffer.of();
      return pieces[random(pieces.length)] ?? Buffer.of();
    }),
  );
}

function filter(...chunks: readonly Uint8Array[]): Buffer {
  const one = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  return Buffer.concat(chunks.map((chunk) => one.push(chunk)));
}

describe("arbitrary bytes", () => {
  test("come out as text and allowed sequences only, wherever they are cut, and pass a second filter unchanged", () => {
    const start = Date.now() % 1_000_000;
    for (let seed = start; seed < start + 20_000; seed += 1) {
      const random = makeRandom(seed);
      const bytes = makeBytes(random);
      const shown = filter(bytes);
      const cut = random(bytes.length + 1);
      const name = `seed ${seed}: ${JSON.stringify(bytes.toString("latin1"))}`;
      const text = shown.toString();
      expect([name, isClean(text), Buffer.from(text).equals(shown)]).toEqual([name, true, true]);
      expect([name, filter(bytes.subarray(0, cut), bytes.subarray(cut)).equals(shown)]).toEqual([name, true]);
      expect([name, filter(shown).equals(shown)]).toEqual([name, true]);
    }
  });

  test("make a terminal hear no forbidden command and type no more than numbers; without the filter they do", async () => {
    // The control: without the filter the terminal is asked, and its clipboard is read
    const open = await witness(false);
    expect(open.heard).toContain("52;c;?");
    expect(open.heard).toContain("report 21");
    // What the DECRQSS of a real terminal answers
    expect(open.answers).toContain("\u001bP1$r");
    const guarded = await witness(true);
    expect(guarded.heard).toBe("");
    const answer =
      /\u001b(?:\[[\d;?>]*[Rncty]|\](?:4;\d+|1[0-2]);rgb:[\da-f/]+\u001b\\|P>\|xterm\.js[^\u001b]*\u001b\\)/g;
    expect(guarded.answers.replaceAll(answer, "")).toBe("");
  });
});

/** Lets a terminal read many streams; gives what it typed, and which commands it would have carried out. */
async function witness(isFiltered: boolean): Promise<{ answers: string; heard: string }> {
  const terminal = new Terminal({
    allowProposedApi: true,
    logLevel: "off",
    windowOptions: { getWinTitle: true, getIconTitle: true },
  });
  let answers = "";
  let heard = "";
  terminal.onData((data) => (answers += data));
  for (const number of [52, 9, 99, 777, 1337]) {
    terminal.parser.registerOscHandler(number, (data) => {
      heard += `${number};${data}\n`;
      return true;
    });
  }
  terminal.parser.registerCsiHandler({ final: "t" }, ([kind]) => {
    if (kind === 20 || kind === 21) heard += `report ${kind}\n`;
    return true;
  });
  for (let seed = 1; seed < 1_500; seed += 1) {
    const bytes = makeBytes(makeRandom(seed));
    // CAN ends whatever is unfinished, so that each stream begins in text
    const all = isFiltered ? filter(bytes) : Buffer.concat([bytes, Buffer.of(0x18)]);
    await new Promise<void>((resolve) => terminal.write(all, resolve));
  }
  return { answers, heard };
}
