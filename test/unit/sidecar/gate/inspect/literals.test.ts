import { expect, setDefaultTimeout, test } from "bun:test";
import { LiteralMatcher } from "../../../../../src/sidecar/gate/inspect/literals.ts";
import type { Needle } from "../../../../../src/sidecar/gate/inspect/literals.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";

setDefaultTimeout(60_000);

const needle = (text: string, id: number, more: Partial<Needle> = {}): Needle => ({
  bytes: Buffer.from(text),
  id,
  anchor: 0,
  ...more,
});
const space = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 0x20 ? 1 : 0));

function find(matcher: LiteralMatcher, text: string, from = 0, to = text.length, isLoose = false): string[] {
  const found: string[] = [];
  matcher.search(
    { bytes: Buffer.from(text, "latin1"), from, to, isLoose },
    (id, at) => void found.push(`${id}@${at}`),
  );
  return found;
}

test("finds every needle where a plain search finds it", () => {
  const m = makeUp(3);
  for (const blockBytes of [2, 4] as const) {
    for (let round = 0; round < 30; round += 1) {
      const texts = Array.from({ length: 12 }, () => m.pick("abc", 6 + m.number(6)));
      const matcher = new LiteralMatcher(
        texts.map((one, id) => needle(one, id, { anchor: one.length - 6 })),
        6,
        blockBytes,
      );
      const text = m.pick("abc", 900);
      const expected = texts.flatMap((one, id) =>
        [...text].flatMap((_, at) => (text.startsWith(one, at) ? [`${id}@${at}`] : [])),
      );
      expect(find(matcher, text).toSorted()).toEqual(expected.toSorted());
    }
  }
});

test("takes upper and lower case for one where it is told to, and for two elsewhere", () => {
  const matcher = new LiteralMatcher([needle("secret", 1, { isFolded: true }), needle("Exact_", 2)], 6, 2);
  expect(find(matcher, "SeCrEt secret exact_ Exact_ sec_et")).toEqual(["1@0", "1@7", "2@21"]);
});

test("finds what is shorter than a window by what stands in front of it, at the start of a text too", () => {
  const short = new LiteralMatcher(
    [needle("hf_", 1, { anchor: -2, before: space }), needle("AKIA", 2, { anchor: -1 })],
    5,
    2,
  );
  expect(find(short, "hf_ hf_ xhf_ AKIA")).toEqual(["1@0", "1@4", "2@13"]);
  expect(find(short, "AKIAAKIA")).toEqual(["2@0", "2@4"]);
  expect(find(short, " hf_")).toEqual(["1@1"]);
});

test("looks at its range alone, and loosely at what is cut by the range's edge", () => {
  const matcher = new LiteralMatcher([needle("abcdefgh", 1, { anchor: 2 })], 4, 2);
  expect(find(matcher, "abcdefgh", 1)).toEqual([]);
  expect(find(matcher, "abcdefgh", 1, 8, true)).toEqual(["1@0"]);
  expect(find(matcher, "abcdefgX", 0, 7, true)).toEqual(["1@0"]);
  expect(find(matcher, "abcdefXh", 0, 8, true)).toEqual([]);
});

test("finds each of many thousand needles", () => {
  const m = makeUp(9);
  const texts = Array.from({ length: 40_000 }, () => m.bytes(8).toString("hex"));
  const matcher = new LiteralMatcher(
    texts.map((one, id) => needle(one, id)),
    12,
    4,
  );
  const some = texts.filter((_, id) => id % 997 === 0);
  expect(find(matcher, some.join(" "))).toEqual(some.map((_, at) => `${at * 997}@${at * 17}`));
});
