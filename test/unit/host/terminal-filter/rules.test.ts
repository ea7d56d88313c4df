import { describe, expect, test } from "bun:test";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";

/** The text as bytes; `\u0080` to `\u009f` as their UTF-8 characters, and `<9b>` as the raw byte */
function bytesOf(text: string): Buffer {
  const parts = text.split(/<([0-9a-f]{2})>/);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.from(part, "hex"))),
  );
}

function filter(chunks: readonly Uint8Array[], allowsClipboard = false): string {
  const one = new TerminalFilter({ allowsClipboard, allowsTitle: true });
  return Buffer.concat(chunks.map((chunk) => one.push(chunk))).toString();
}

/** What is shown of it; the same wherever the stream is cut */
function shown(text: string, allowsClipboard = false): string {
  const bytes = bytesOf(text);
  const whole = filter([bytes], allowsClipboard);
  for (let at = 0; at <= bytes.length; at += 1)
    expect(filter([bytes.subarray(0, at), bytes.subarray(at)], allowsClipboard)).toBe(whole);
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  expect(filter(single, allowsClipboard)).toBe(whole);
  return whole;
}

describe("what passes unchanged", () => {
  test.each([
    ["text", "plain text\r\n\tand\bmore\u0007\f"],
    ["UTF-8 of every length", "é 日本 🎉 \u00a0 \ufffd \u{10ffff}"],
    ["colours", "\u001b[31m\u001b[38;2;1;2;3m\u001b[4:3m\u001b[0m\u001b[m"],
    [
      "cursor and erase",
      "\u001b[H\u001b[2J\u001b[3J\u001b[K\u001b[10;20H\u001b[5A\u001b[12G\u001b[s\u001b[u",
    ],
    ["scrolling and margins", "\u001b[2;25r\u001b[5S\u001b[2T\u001b[3L\u001b[2M"],
    ["save, restore, keypad", "\u001b7\u001b8\u001b=\u001b>\u001bD\u001bE\u001bM"],
    ["line drawing", "\u001b(0\u000e\u000f\u001b)0\u001b(B"],
    ["modes of a full screen", "\u001b[?1049h\u001b[?25l\u001b[?7h\u001b[?1049l\u001b[?1;2004h"],
    ["mouse and focus", "\u001b[?1000h\u001b[?1002h\u001b[?1003h\u001b[?1006h\u001b[?1016l\u001b[?1004h"],
    ["synchronised output", "\u001b[?2026h\u001b[?2026l"],
    ["kitty's keyboard", "\u001b[?u\u001b[>5u\u001b[=1;1u\u001b[<1u"],
    ["xterm's keys", "\u001b[>4;2m\u001b[>4m\u001b[?4m\u001b[>4n"],
    ["who are you", "\u001b[c\u001b[0c\u001b[>c\u001b[>0c\u001b[=c\u001b[>q\u001b[>0q"],
    ["where are you", "\u001b[5n\u001b[6n\u001b[?6n\u001b[?996n"],
    ["is a mode on", "\u001b[?2026$p\u001b[4$p"],
    ["size as numbers", "\u001b[14t\u001b[16t\u001b[18t"],
    ["cursor shape", "\u001b[2 q\u001b[0 q"],
    ["a title", "\u001b]0;✳ Claude Code\u0007\u001b]2;x\u001b\\"],
    ["a title with the first character behind the controls", "\u001b]0;a\u00a0b\u0007"],
    ["a web link", "\u001b]8;id=1;https://example.com/a?b=c\u0007here\u001b]8;;\u0007"],
    ["colour questions", "\u001b]10;?\u0007\u001b]11;?\u001b\\\u001b]4;1;?;2;?\u0007\u001b]12;?\u0007"],
    ["progress", "\u001b]9;4;1;50\u0007\u001b]9;4;0;\u0007\u001b]9;4;3\u0007"],
  ])("%s", (_name, text) => {
    expect(shown(text)).toBe(text);
  });
});

describe("what does not pass", () => {
  test.each([
    ["asking for the clipboard", "a\u001b]52;c;?\u0007b"],
    [
      "asking for it in any form",
      "a\u001b]52;;?\u001b\\\u001b]052;c;?\u0007\u001b]52;pc01;?\u0007\u001b]52;c;YQ==?\u0007b",
    ],
    ["filling the clipboard", "a\u001b]52;c;aGVsbG8=\u0007b"],
    ["clearing the clipboard", "a\u001b]52;c;!\u0007\u001b]52;c;\u0007b"],
    ["kitty's clipboard", "a\u001b]5522;type=read\u001b\\b"],
    ["notifications", "a\u001b]9;hello\u0007\u001b]99;i=1;x\u001b\\\u001b]777;notify;a;b\u0007b"],
    ["iTerm's own", "a\u001b]1337;File=inline=1:AAAA\u0007\u001b]1337;ReportCellSize\u0007b"],
    ["shell marks and folders", "a\u001b]133;A\u0007\u001b]633;A\u0007\u001b]7;file:///etc\u0007b"],
    [
      "unknown commands",
      "a\u001b]7501;?\u0007\u001b]22;hand\u0007\u001b]l;title\u0007\u001b]\u0007\u001b];\u0007b",
    ],
    [
      "setting colours, and resetting them to another than the user had",
      "a\u001b]4;1;red\u0007\u001b]10;#000\u0007\u001b]12;?;red\u0007\u001b]104\u0007\u001b]111\u001b\\b",
    ],
    ["colours that are none", 'a\u001b]10;\u0001\u0007\u001b]4;1;red;2;evil"\u0007\u001b]13;?\u0007b'],
    [
      "device control: sixel, XTGETTCAP, DECRQSS",
      "a\u001bPq#0;2;0\u001b\\\u001bP+q544e\u001b\\\u001bP$qm\u001b\\b",
    ],
    ["tmux's way around", "a\u001bPtmux;\u001b\u001b]52;c;aGk=\u0007\u001b\\b"],
    ["APC, PM and SOS", "a\u001b_Gf=24;AAAA\u001b\\\u001b^x\u001b\\\u001bXx\u001b\\b"],
    ["the title of screen and tmux", "a\u001bktitle\u001b\\b"],
    ["title and label reports", "a\u001b[21t\u001b[20t\u001b[021t\u001b[21;0tb"],
    ["the title stack", "a\u001b[22;0t\u001b[23;0tb"],
    ["moving and resizing the window", "a\u001b[1t\u001b[3;0;0t\u001b[8;1;1t\u001b[30tb"],
    [
      "modes that users set as they like",
      "a\u001b[?8l\u001b[?12h\u001b[?67h\u001b[?1007h\u001b[?1034h\u001b[?1035l\u001b[?1036l\u001b[?1039l\u001b[?2027hb",
    ],
    [
      "xterm's keys beside those of programs",
      "a\u001b[>m\u001b[>1m\u001b[>2m\u001b[>1;2m\u001b[>4;4m\u001b[>1nb",
    ],
    ["tab stops", "a\u001b[g\u001b[3g\u001bH\u0088b"],
    ["answerback", "a\u0005b"],
    ["screen checksums and other reports", "a\u001b[1;1;1;1;1;1*y\u001b[1$w\u001b[x\u001b[#|\u001b[1;2'|b"],
    ["printing", "a\u001b[5i\u001b[?5i\u001b[ib"],
    [
      "VT52, Tektronix, locked keys, 8-bit answers",
      'a\u001b[?2l\u001b[?38h\u001b[2h\u001b[12l\u001b[20h\u001b G\u001b[64;0"pb',
    ],
    ["the end of UTF-8", "a\u001b%@b"],
    ["other control characters", "a\u0000\u0001\u0010\u0013\u0018\u001a\u001c\u007fb"],
    ["an escape that leads nowhere", "a\u001bZ\u001bN\u001b~\u001b\\b"],
  ])("%s", (_name, text) => {
    expect(shown(text)).toBe("ab");
  });

  test("an allowed mode stays when its neighbour goes", () => {
    expect(shown("\u001b[?25;2;1049h")).toBe("\u001b[?25;1049h");
    expect(shown("\u001b[?12;25h")).toBe("\u001b[?25h");
  });

  test("a mode is written in one way, so that who counts and who obeys read the same", () => {
    const one = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    expect(Buffer.from(one.push(Buffer.from("\u001b[?001049h"))).toString()).toBe("\u001b[?1049h");
    expect(one.screen.isAlternate).toBe(true);
  });

  test("a title loses all but printable text", () => {
    expect(shown("\u001b]0;a\u0001b\u200b\u202ec\u0007")).toBe("\u001b]0;abc\u0007");
    expect(shown(`\u001b]2;${"x".repeat(500)}\u001b\\`)).toBe(`\u001b]2;${"x".repeat(256)}\u001b\\`);
  });

  test.each([
    "file:///etc/passwd",
    "ssh://x",
    "javascript:alert(1)",
    "vscode://x",
    "https://a b",
    "//x",
    "http://é",
  ])("a link to %s goes, and its text stays", (address) => {
    expect(shown(`\u001b]8;;${address}\u0007text\u001b]8;;\u0007`)).toBe(
      "\u001b]8;;\u0007text\u001b]8;;\u0007",
    );
  });
});

describe("C1 controls", () => {
  test.each([
    ["CSI", "\u009b31mx", "\u001b[31mx"],
    ["CSI, raw", "<9b>31mx", "\u001b[31mx"],
    ["a title report", "a\u009b21tb<9b>21tc", "abc"],
    ["OSC", "\u009d52;c;?\u0007a<9d>52;c;?\u0007b", "ab"],
    ["OSC with ST", "\u009d0;t\u009ca<9d>0;t<9c>b", "\u001b]0;t\u001b\\a\u001b]0;t\u001b\\b"],
    ["DCS, SOS, PM, APC", "a\u0090x\u009c\u0098x\u009c\u009ex\u009c\u009fx\u009cb", "ab"],
    ["the same, raw", "a<90>x<9c><98>x<9c><9e>x<9c><9f>x<9c>b", "ab"],
    ["line feeds", "a\u0085b<84>c<8d>d", "a\u001bEb\u001bDc\u001bMd"],
    ["DECID and the rest", "a\u009a<9a>\u0080<99>\u009cb", "ab"],
    ["a letter that only holds such a byte", "\u001b]0;✳ 雛\u0007⛛", "\u001b]0;✳ 雛\u0007⛛"],
    ["a control inside of a command", "\u001b]0;a\u009b31mb<9b>32mc", "\u001b[31mb\u001b[32mc"],
  ])("%s", (_name, text, wanted) => {
    expect(shown(text)).toBe(wanted);
  });

  test("an old encoding's letter swallows no more than its line", () => {
    expect(shown("po<9d>te\r\nnext<90>\nlast")).toBe("po\r\nnext\nlast");
  });
});

describe("what is no UTF-8", () => {
  test.each([
    ["an overlong ESC", "<c0><9b>[21tx", "\ufffd21tx"],
    ["overlong in three and four bytes", "<e0><80><a0>x<f0><80><80><a0>", "\ufffd\ufffdx\ufffd\ufffd"],
    ["a lead without its rest", "<e2>x<e2><a0>y", "\ufffdx\ufffd\ufffdy"],
    ["beyond Unicode", "<f5>x<ff>y<f4><a0>", "\ufffdx\ufffdy\ufffd\ufffd"],
    ["surrogates", "<ed><a0><a0>", "\ufffd\ufffd\ufffd"],
  ])("%s", (_name, text, wanted) => {
    expect(shown(text)).toBe(wanted);
  });
});

describe("sequences that break off", () => {
  test.each([
    ["by a new one", "\u001b[3\u001b[31mx", "\u001b[31mx"],
    ["by two escapes", "\u001b\u001b]52;c;?\u0007x", "x"],
    ["by a line feed", "\u001b\n[21t", "\n[21t"],
    ["by CAN in a command", "\u001b]52;c;?\u0018x", "x"],
    ["by a line feed in a command", "\u001b]0;x\ny", "\ny"],
    ["by an escape in a skipped string", "\u001bPabc\u001b[31mx", "\u001b[31mx"],
    ["by text in a control sequence", "\u001b[3é", "é"],
  ])("%s", (_name, text, wanted) => {
    expect(shown(text)).toBe(wanted);
  });

  test("an endless one is given up after a bounded time, and what follows is judged as ever", () => {
    const one = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    const push = (text: string) => Buffer.from(one.push(Buffer.from(text))).toString();
    expect(push(`\u001b[${"1".repeat(600)}`)).toBe("1".repeat(88));
    push("\u001b]0;");
    for (let count = 0; count < 9; count += 1) push("x".repeat(1024 * 1024));
    expect(push("\u001b]52;c;?\u0007seen")).toBe("seen");
  });
});

describe("the clipboard", () => {
  test("can be filled where it was permitted, and never read", () => {
    const set = "\u001b]52;c;aGVsbG8=\u0007\u001b]52;;aGk=\u001b\\";
    expect(shown(set, true)).toBe(set);
    expect(
      shown("a\u001b]52;c;?\u0007\u001b]52;c;aGk=?\u0007\u001b]52;c;\u0007\u001b]5522;x\u0007b", true),
    ).toBe("ab");
  });

  test("takes a large text and no endless one", () => {
    const large = `\u001b]52;c;${"QUJD".repeat(50_000)}\u0007`;
    expect(filter([Buffer.from(large)], true)).toBe(large);
    expect(filter([Buffer.from(`\u001b]52;c;${"QUJD".repeat(300_000)}\u0007x`)], true)).toBe("x");
  });
});

describe("undoing()", () => {
  test("takes back progress where there was some, and nowhere else", () => {
    const one = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    one.push(Buffer.from("\u001b]11;?\u0007\u001b]4;1;?\u0007\u001b]0;t\u0007"));
    expect(one.undoing()).not.toContain("]9;");
    one.push(Buffer.from("\u001b]9;4;1;5\u0007"));
    expect(one.undoing()).toContain("\u001b]9;4;0\u0007");
  });
});

describe("a title", () => {
  test("is refused where nobody keeps the one of before", () => {
    const one = new TerminalFilter({ allowsClipboard: false, allowsTitle: false });
    expect(Buffer.from(one.push(Buffer.from("a\u001b]0;t\u0007b"))).toString()).toBe("ab");
  });
});
