import { describe, expect, test } from "bun:test";
import { TypedAnswer } from "../../../src/host/typed-answer.ts";

/** Typed in these packets; the answer so far, and whether it is whole */
function type(...packets: readonly (string | Uint8Array)[]) {
  const answer = new TypedAnswer();
  for (const packet of packets) answer.push(typeof packet === "string" ? Buffer.from(packet) : packet);
  return { value: answer.value().toString("utf8"), state: answer.state, ignored: answer.ignored };
}

const key = "-----BEGIN K-----\nabc=\n-----END K-----";
const marked = (text: string) => `\u001b[200~${text}\u001b[201~`;

describe("a typed answer", () => {
  test("is over with a line break if nothing follows at once, and goes on with it otherwise", () => {
    expect(type("secret")).toEqual({ value: "secret", state: "open", ignored: 0 });
    expect(type("secret\r")).toEqual({ value: "secret", state: "unless-more", ignored: 0 });
    expect(type("one\r", "two\r\n", "\nthree\n")).toEqual({
      value: "one\ntwo\n\nthree",
      state: "unless-more",
      ignored: 0,
    });
  });

  test("is edited by the keys that edit a line", () => {
    expect(type("abö\u007f\u007fc\b").value).toBe("a");
    expect(type("abc\u0015de").value).toBe("de");
    expect(type("one two \u0017x").value).toBe("one x");
    expect(type("one\r\u007ftwo").value).toBe("onetwo");
  });

  test("is given up by Ctrl-C, by Ctrl-D where there is none, and ended by Ctrl-D", () => {
    expect(type("abc\u0003def").state).toBe("given-up");
    expect(type(marked("abc").slice(0, -2), "\u0003").state).toBe("given-up");
    expect(type("\u0004").state).toBe("given-up");
    expect(type("abc\u0004def")).toMatchObject({ value: "abc", state: "over" });
  });

  test.each([
    ["an arrow", "\u001b[A"],
    ["an arrow in keypad mode", "\u001bOA"],
    ["a word to the left", "\u001b[1;5D"],
    ["Delete", "\u001b[3~"],
    ["a function key of the Linux console", "\u001b[[A"],
    ["Alt and a letter", "\u001bx"],
    ["a report of the terminal's", "\u001b]11;rgb:00/00/00\u001b\\"],
    ["a report that ends with a bell", "\u001b]11;rgb:00/00/00\u0007"],
    ["a device's answer", "\u001bP>|xterm\u001b\\"],
    ["the focus", "\u001b[I"],
    ["Ctrl-A", "\u0001"],
    ["Ctrl-Z", "\u001a"],
    ["Ctrl-\\", "\u001c"],
  ])("leaves out %s, and says so", (_name, keys) => {
    expect(type(`ab${keys}cd`)).toEqual({ value: "abcd", state: "open", ignored: 1 });
    // Whether the packets fit the keys or not; an escape alone in its packet is a key of its own
    for (let cut = 1; cut < keys.length; cut += 1) {
      const { value, ignored } = type(`ab${keys.slice(0, cut)}`, `${keys.slice(cut)}cd`);
      if (!(cut === 1 && keys === "\u001bx"))
        expect({ value, ignored }).toEqual({ value: "abcd", ignored: 1 });
    }
  });

  test("keeps what follows a lone escape, and is ended by Enter whatever was begun", () => {
    expect(type("ab\u001b", "cd")).toEqual({ value: "abcd", state: "open", ignored: 1 });
    for (const begun of ["\u001b[", "\u001bO", "\u001b]", "\u001bP", "\u001b[20"])
      expect(type(`ab${begun}\r`)).toEqual({ value: "ab", state: "unless-more", ignored: 1 });
    expect(type("ab\u001b", "\r").state).toBe("unless-more");
  });

  test("keeps tabs, letters of every script, and bytes that are none", () => {
    expect(type("a\tö漢😀").value).toBe("a\tö漢😀");
    const answer = new TypedAnswer();
    answer.push(Uint8Array.of(0x61, 0xff, 0x80));
    expect([...answer.value()]).toEqual([0x61, 0xff, 0x80]);
  });
});

describe("a paste", () => {
  test("that is marked is taken whole and ended by Enter, with the line breaks of any system", () => {
    for (const end of ["\r", "\n", "\r\n"])
      expect(type(`${marked(key.replaceAll("\n", end))}\r`)).toEqual({
        value: key,
        state: "over",
        ignored: 0,
      });
    expect(type(marked(`${key}\r`)).state).toBe("open");
    expect(type(`${marked(`${key}\r\r`)}\r`).value).toBe(key);
  });

  test("holds what would be keys elsewhere", () => {
    const text = "a\u001b[Ab\u0015c\u0001\u007f~201~\u001b[201";
    expect(type(`x${marked(text)}y\r`)).toEqual({ value: `x${text}y`, state: "over", ignored: 0 });
  });

  test("may be one of several, with what is typed before and behind", () => {
    expect(type(`a${marked("b\rc")}d${marked("\re")}f\r`)).toMatchObject({
      value: "ab\ncd\nef",
      state: "over",
    });
  });

  test("whose mark stands behind a line break goes on with it", () => {
    expect(type("a\r", marked("b"), "\r")).toMatchObject({ value: "a\nb", state: "over" });
  });

  test("of a key that is not marked ends behind the key's last line, however long that takes", () => {
    const lines = key.split("\n");
    expect(type(`${lines[0]}\r`).state).toBe("open");
    expect(type(`${lines[0]}\r`, `${lines[1]}\r`).state).toBe("open");
    expect(type(`${key}\r`)).toEqual({ value: key, state: "unless-more", ignored: 0 });
    expect(type(`${key}\n-----BEGIN L-----\n`).state).toBe("open");
    const real = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";
    expect(type(real).state).toBe("open");
    expect(type(`${real}-----END OPENSSH PRIVATE KEY-----\n`).state).toBe("unless-more");
    expect(type("-----BEGIN K-----\n-----END L-----\n").state).toBe("open");
    expect(type("-----BEGIN K----- abc -----END K-----\n").state).toBe("unless-more");
    expect(type("-----BEGIN K-----\nabc\u0004")).toMatchObject({ state: "over" });
  });

  test.each([
    ["marked", `${marked("p\rq\nä\r\n\u001b[A~")}\r`, "p\nq\nä\n\u001b[A~", "over"],
    ["a key, not marked", `${key}\r`.replaceAll("\n", "\r\n"), key, "unless-more"],
    ["lines, not marked", "one\r\ntwo\nthrée\r", "one\ntwo\nthrée", "unless-more"],
  ] as const)("(%s) is the same wherever its packets are cut", (_name, typed, value, state) => {
    const bytes = Buffer.from(typed);
    expect(type(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({ value, state, ignored: 0 });
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(type(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual({ value, state, ignored: 0 });
  });
});
