/** Names of files are bytes: each goes through as it is, whatever it holds, and no two become one. */
import { expect, test } from "bun:test";
import { decodePath, decodePaths, encodePath, hasStrangeBytes } from "../../../src/core/byte-path.ts";

const bytes = (...values: (number | string)[]) =>
  Buffer.concat(values.map((one) => (typeof one === "string" ? Buffer.from(one) : Buffer.from([one]))));

test.each<[string, Buffer, string]>([
  ["plain", bytes("a/b.txt"), "a/b.txt"],
  ["of another script", bytes("ä/日本/😀"), "ä/日本/😀"],
  ["with a byte order mark", bytes(0xef, 0xbb, 0xbf, "a"), "\ufeffa"],
  ["with the lowest byte that is no character", bytes("a", 0x80, "b"), "a\udc80b"],
  ["with the highest", bytes(0xff), "\udcff"],
  ["of latin1", bytes("caf", 0xe9, ".txt"), "caf\udce9.txt"],
  ["cut within a character", bytes("a", 0xe6, 0x97), "a\udce6\udc97"],
  ["with characters among strange bytes", bytes("ä", 0x80, "日", 0xc3), "ä\udc80日\udcc3"],
  ["with a surrogate written as bytes, which is no UTF-8", bytes(0xed, 0xb2, 0x80), "\udced\udcb2\udc80"],
])("a name %s is text and the same bytes again", (_name, name, text) => {
  expect(decodePath(name)).toBe(text);
  expect(Buffer.from(encodePath(text)).equals(name)).toBe(true);
});

test("every byte by itself and beside others is itself again", () => {
  for (let byte = 1; byte < 256; byte += 1)
    for (const name of [bytes(byte), bytes("a", byte, "b"), bytes(byte, byte), bytes(0xff, byte, "é")])
      expect(Buffer.from(encodePath(decodePath(name))).equals(name)).toBe(true);
});

test.each([
  ["\udc7f", false],
  ["\udc80", true],
  ["a\udcffb", true],
  ["\udd00", false],
  // A half of an emoji is no byte
  ["😀", false],
  ["\ud83d\udc80", false],
])("%j has strange bytes: %p", (path, has) => {
  expect(hasStrangeBytes(path)).toBe(has);
});

test("names that end with NULs are told apart, and one that is odd costs the others nothing", () => {
  expect(decodePaths(bytes("a\0ä\0"))).toEqual(["a", "ä"]);
  expect(decodePaths(bytes("a\0", 0xff, "\0ä\0"))).toEqual(["a", "\udcff", "ä"]);
  expect(decodePaths(bytes(0xff, "\0\0b"))).toEqual(["\udcff", "b"]);
  expect(decodePaths(bytes("a\0b"))).toEqual(["a", "b"]);
  expect(decodePaths(bytes())).toEqual([]);
  expect(decodePaths(bytes(0, 0))).toEqual([]);
});
