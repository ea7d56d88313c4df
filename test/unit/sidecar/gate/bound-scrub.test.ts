import { describe, expect, test } from "bun:test";
import { makeReplacements, makeScrubber, scrubText } from "../../../../src/sidecar/gate/bound-scrub.ts";
import type { Replacement } from "../../../../src/sidecar/gate/bound-scrub.ts";

const value = 'tok/"real"+&9';
const placeholder = "cb-secret-x-000000000000000000000000";
const forms = makeReplacements([{ value, placeholder }]);

/** What comes out of a scrubber for these pieces, and after each of them how much had come. */
async function scrub(pieces: readonly Buffer[], replacements: readonly Replacement[]) {
  const scrubber = makeScrubber(replacements);
  const out: Buffer[] = [];
  scrubber.on("data", (chunk: Buffer) => out.push(chunk));
  const ended = new Promise((resolve) => scrubber.once("end", resolve));
  const lengths: number[] = [];
  for (const piece of pieces) {
    await new Promise((resolve) => scrubber.write(piece, resolve));
    await new Promise(setImmediate);
    lengths.push(Buffer.concat(out).length);
  }
  scrubber.end();
  await ended;
  return { text: Buffer.concat(out).toString("latin1"), lengths };
}

const pairs = (...pairs: readonly (readonly [string, string])[]): Replacement[] =>
  pairs.map(([from, to]) => ({ from: Buffer.from(from), to: Buffer.from(to) }));

describe("scrubText()", () => {
  test.each([
    ["itself", value],
    ["a URL", encodeURIComponent(value)],
    ["a URL in lower case", encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase())],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["HTML", "tok/&quot;real&quot;+&amp;9"],
    ["hex", Buffer.from(value).toString("hex")],
  ])("takes out the value as %s", (_name, form) => {
    expect(scrubText(`a ${form} b`, forms)).toBe(`a ${placeholder} b`);
  });

  test.each(["", "u:", "us:", "use:", "user:"])("takes it out of base64 behind %j", (before) => {
    for (const after of ["", "!", "!!"])
      for (const encoding of ["base64", "base64url"] as const) {
        const text = scrubText(Buffer.from(before + value + after).toString(encoding), forms);
        expect(text).toContain(placeholder);
        // What is left beside it tells no more than the beginnings of the first and the last byte
        expect(text.replace(placeholder, "").length).toBeLessThan(
          Math.ceil(before.length * 1.4) + after.length * 2 + 8,
        );
      }
  });

  test("leaves other text alone, of any bytes", () => {
    const text = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code)).repeat(3);
    expect(scrubText(text, forms)).toBe(text);
  });

  test("takes the leftmost, and of those the longest", () => {
    const replacements = pairs(["bcd", "1"], ["abc", "2"], ["abcde", "3"]);
    expect(scrubText("xabcdey abc bcd abcd", replacements)).toBe("x3y 2 1 2d");
  });
});

describe("makeScrubber()", () => {
  const texts = [
    `before ${value} between ${Buffer.from(`user:${value}`).toString("base64")} after`,
    `${value}${value}`,
    value.slice(0, -1),
    `${value.slice(0, 5)}${value}${value.slice(0, 3)}`,
    "nothing",
    "",
  ];

  test("gives the same for every place where a text is split", async () => {
    for (const text of texts) {
      const bytes = Buffer.from(text);
      const wanted = scrubText(text, forms);
      for (let at = 0; at <= bytes.length; at += 1) {
        const { text: got } = await scrub([bytes.subarray(0, at), bytes.subarray(at)], forms);
        expect([text, at, got]).toEqual([text, at, wanted]);
      }
      const single = [...bytes].map((byte) => Buffer.from([byte]));
      expect((await scrub(single, forms)).text).toBe(wanted);
    }
  });

  test("gives the same for patterns that overlap, in pieces of every size", async () => {
    const replacements = pairs(["aab", "1"], ["abab", "2"], ["bb", "3"], ["aabba", "4"], ["ba", "5"]);
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: random(24) }, () => "abc"[random(3)]).join("");
      const bytes = Buffer.from(text);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random(5);
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect([text, (await scrub(pieces, replacements)).text]).toEqual([text, scrubText(text, replacements)]);
    }
  });

  test("holds nothing back that cannot become a match", async () => {
    const event = Buffer.from("data: one\n\n");
    const { lengths } = await scrub([event, Buffer.from(`data: ${value.slice(0, 4)}`), event], forms);
    expect(lengths[0]).toBe(event.length);
    expect(lengths[1]).toBe(event.length + 6);
    expect(lengths[2]).toBe(2 * event.length + 10);
  });
});
