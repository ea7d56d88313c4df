import { describe, expect, test } from "bun:test";
import { Transform } from "node:stream";
import { makeScrubber } from "../../../../src/sidecar/gate/bound-scrub.ts";
import { makeLeakyStream, passThrough, scrubBody, writers } from "../../../support/scrubbing.ts";

const value = 'tok/"real"+&9=x y';
const placeholder = "cb-secret-x-000000000000000000000000";
const scrubber = makeScrubber([{ value, placeholder }]);
const scrub = (text: string) => scrubber.scrubText(text);

describe("a scrubbed text", () => {
  test.each(Object.keys(writers))("has the value taken out as written in %s", (name) => {
    const written = writers[name]?.(value) ?? "";
    const text = scrub(`a ${written} b`);
    expect(text).toContain(placeholder);
    // What is put before it to have a line break in it, and of UTF-16 one half of a character
    expect(text.replace(placeholder, "").length).toBeLessThan(46);
    expect(scrub(`a ${written.slice(0, -2)}`)).not.toContain(placeholder);
  });

  test.each(["", "u:", "us:", "use:", "user:"])(
    "has it taken out of base64 behind %j, with all that holds a bit of it",
    (before) => {
      for (const after of ["", "!", "!!"])
        for (const encoding of ["base64", "base64url"] as const) {
          const encode = (one: string) => scrub(Buffer.from(before + one + after).toString(encoding));
          const text = encode(value);
          expect(text).toContain(placeholder);
          // The same for a value whose first and last character are others
          const other = makeScrubber([{ value: `~${value.slice(1, -1)}~`, placeholder }]);
          const otherText = Buffer.from(`${before}~${value.slice(1, -1)}~${after}`).toString(encoding);
          expect(other.scrubText(otherText)).toBe(text);
        }
    },
  );

  test.each([16, 60, 64, 76])("has it taken out of base64 in lines of %d characters", async (width) => {
    for (const lineBreak of ["\n", "\r\n", "\n    ", "\\n", "\\r\\n", "%0A"])
      for (let before = 0; before < width; before += 1) {
        const encoded = Buffer.from(`${"p".repeat(before)}${value}`).toString("base64");
        const lines = encoded.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
        const text = `- ${lines.join(lineBreak)}`;
        expect([text, scrub(text)]).toEqual([text, expect.stringContaining(placeholder)]);
        const pieces = [...text].map((one) => Buffer.from(one));
        if (before % 7 === 0) expect((await scrubBody(pieces, [value], placeholder)).text).toBe(scrub(text));
      }
  });

  test("keeps of base64 what holds no bit of it", () => {
    for (const before of ["", "u:", "user:"]) {
      const tail = "and what stands behind it";
      const text = scrub(Buffer.from(`${before}${value}${tail}`).toString("base64"));
      // At most one character on each side shares its bits with the value
      const rest = Buffer.from(`${before}${value}${tail}`)
        .toString("base64")
        .slice(-Math.floor((tail.length * 8) / 6 - 4));
      expect(text).toEndWith(rest);
    }
  });

  test("has it taken out behind what looks like the beginning of an escape that goes on in it", () => {
    const second = makeScrubber([{ value: "7abc/defg+hij", placeholder }]);
    for (const before of ["%", "%4", "\\u004", "&#4", "&#x2"])
      expect(second.scrubText(`${before}7abc%2Fdefg+hij;`)).toBe(`${before}${placeholder};`);
  });

  test("has it taken out where it could itself be read as escapes", async () => {
    for (const odd of ["pass%41word%2541", "a\\nb\\u0041cdefg\\r", "&amp;&lt;abcdefgh&#47;"])
      for (const [name, write] of Object.entries(writers)) {
        const { text } = await scrubBody([Buffer.from(` ${write(odd)} `, "latin1")], [odd], placeholder);
        expect([odd, name, text]).toEqual([odd, name, expect.stringContaining(placeholder)]);
      }
  });

  test("is left alone otherwise, of any bytes", () => {
    const text = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code)).repeat(3);
    expect(scrub(text)).toBe(text);
    expect(scrub("")).toBe("");
  });

  test("of two values that overlap loses both, and every other one by itself", async () => {
    const values = ["abcdefgh-ijkl", "ijkl-mnopqrst"];
    const { text, count } = await scrubBody([Buffer.from("1abcdefgh-ijkl-mnopqrst2")], values, "P");
    expect([text, count]).toEqual(["1P2", 1]);
    const twice = await scrubBody([Buffer.from("abcdefgh-ijklabcdefgh-ijkl")], values, "P");
    for (const some of [
      ["abcdefgh", "abcdefgh-ijkl"],
      ["abcdefgh-ijkl", "abcdefgh"],
    ]) {
      const named = makeScrubber(some.map((one) => ({ value: one, placeholder: `P${one.length}` })));
      expect(named.scrubText("abcdefgh-ijkl abcdefgh")).toBe("P13 P8");
    }
    expect(twice).toMatchObject({ text: "PP", count: 2 });
  });
});

describe("a scrubbed stream", () => {
  const one = (text: string) => [...text].map((sign) => Buffer.from(sign));

  test("is the same for every place where it is cut", async () => {
    const whole = `before ${value} between ${Buffer.from(`user:${value}`).toString("base64")}\n${value}${value}%2`;
    const texts = [
      whole,
      value.slice(0, -1),
      `${value.slice(0, 5)}${value}${value.slice(0, 3)}`,
      "nothing",
      "",
    ];
    for (const text of texts) {
      const bytes = Buffer.from(text);
      for (let at = 0; at <= bytes.length; at += 1) {
        const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
        const { text: got } = await scrubBody(pieces, [value], placeholder);
        expect([text, at, got]).toEqual([text, at, scrub(text)]);
      }
      expect((await scrubBody(one(text), [value], placeholder)).text).toBe(scrub(text));
    }
  });

  test.each([
    ["an event of an event stream", "data: one\n\n"],
    ["its words, however long", `data: ${"x".repeat(400)}\n\n`],
    ["with line breaks of Windows", "event: ping\r\ndata: {}\r\n\r\n"],
    ["with those of old Macs", "data: one\r\r"],
    ["a line of JSON", '{"done": false}\n'],
    ["a line of a log", "12:00:01 all is well.\n"],
  ])("passes %s at once", async (_name, event) => {
    const text = Buffer.from(event);
    const { sizes } = await scrubBody([text, text, Buffer.from("data: half")], [value], placeholder);
    expect(sizes.slice(0, 3)).toEqual([text.length, 2 * text.length, 2 * text.length]);
  });

  test("holds back as much of other text, whatever it is", async () => {
    const held = async (text: string) => {
      const { sizes } = await scrubBody([Buffer.from(text.padStart(2_000, "."))], [value], placeholder);
      return 2_000 - (sizes[0] ?? 0);
    };
    const expected = await held("");
    for (let length = 1; length < value.length; length += 1)
      expect(await held(value.slice(0, length))).toBe(expected);
    // The control: by the rule that was
    const leaky = async (text: string) => {
      const { sizes } = await passThrough(
        [Buffer.from(text)],
        makeLeakyStream(value, placeholder, Transform),
      );
      return text.length - (sizes[0] ?? 0);
    };
    expect(await leaky(`..${value.slice(0, 5)}`)).toBe(5);
    expect(await leaky(`..${value.slice(0, 5)}!`)).toBe(0);
  });

  test.each([
    ["nothing that is read as another character", "."],
    ["backslashes that begin nothing", "\\"],
    ["every other byte of UTF-16", "\0."],
  ])(
    "holds back 512 bytes for values of up to 34 bytes, and passes all before them, of %s",
    async (_name, end) => {
      for (const [length, back] of [
        [18, 512],
        [34, 512],
        [35, 1_024],
      ] as const) {
        const text = Buffer.from(".".repeat(1_500) + end.repeat(2_000 / end.length));
        const { sizes } = await scrubBody([text], ["v".repeat(length)], placeholder);
        expect([length, text.length - (sizes[0] ?? 0)]).toEqual([length, back]);
      }
    },
  );

  // The slash is read as such one level below the digits, so a part that began with those would be read in another way than the whole
  test.each([
    ["", "."],
    [", with other text behind a byte that no form has", "\u0001........"],
  ])("is never cut within what is read as one character%s", async (_name, end) => {
    const deep = "41/bcdefghi";
    const text = `${".".repeat(600)}%25%34%31%25252fbcdefghi${".".repeat(400)}${end}`.padEnd(1_250, ".");
    const whole = (await scrubBody([Buffer.from(text)], [deep], placeholder)).text;
    for (let at = 1_050; at < 1_200; at += 1) {
      const pieces = [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at))];
      const { text: got } = await scrubBody(pieces, [deep], placeholder);
      expect([at, got]).toEqual([at, whole]);
    }
    // The control: with such a part by itself
    const part = text.slice(text.indexOf("%34"));
    const { text: got } = await scrubBody([Buffer.from(part)], [deep], placeholder);
    expect([got.includes(placeholder), whole.includes(placeholder)]).toEqual([true, false]);
  });

  test("ends when whoever counts has had enough", async () => {
    const stream = scrubber.makeStream(() => {
      throw new Error("enough");
    });
    const failed = passThrough([Buffer.from(`${value}\n\n`)], stream);
    expect(await failed.catch((error: Error) => error.message)).toBe("enough");
  });
});
