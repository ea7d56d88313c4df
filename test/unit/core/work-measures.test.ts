import { describe, expect, test } from "bun:test";
import { makeChangeMeter, makeObjectMeter, makeSizeMeter } from "../../../src/core/work-measures.ts";
import type { Meter, WorkMeasures } from "../../../src/core/work-measures.ts";

const measures: WorkMeasures = {
  objects: 3,
  objectBytes: 100,
  differenceBytes: 10,
  unpackedBytes: 150,
  changes: 4,
  changedBytes: 50,
  pathBytes: 60,
};
const none = "0".repeat(40);
const id = (digit: string) => digit.repeat(40);

/** In pieces of so many bytes; gives what is out of measure. */
function feed(meter: Meter, text: string, step: number): string | undefined {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += step) if (!meter.take(bytes.subarray(at, at + step))) break;
  return meter.problem();
}

const objects = (...lines: string[]) => lines.map((line) => `${line}\n`).join("");
const change = (path: string, digit = "1", mode = "100644") =>
  `:${mode} ${mode} ${id("9")} ${id(digit)} M\0${path}\0`;
const merged = (path: string) => `::100644 100644 100644 ${id("7")} ${id("8")} ${id("2")} MM\0${path}\0`;

describe.each([1, 7, 10_000])("meters, fed %i bytes at a time", (step) => {
  test.each([
    ["what is in measure", objects(`blob 100 ${none}`, `tree 10 ${id("1")}`, `commit 5 ${none}`), undefined],
    ["a large object", objects(`blob 101 ${none}`), "one object has 101 B, and at most 100 B are taken"],
    ["a large difference", objects(`blob 11 ${id("1")}`), "one object has 11 B, and at most 10 B are taken"],
    [
      "many objects",
      objects(...Array.from({ length: 4 }, () => `blob 1 ${none}`)),
      "it has more than 3 objects",
    ],
    ["much in all", objects(`blob 100 ${none}`, `blob 51 ${none}`), "it unpacks to more than 150 B"],
    ["what is missing", objects(`${id("1")} missing`), undefined],
    ["no end of a line", "x".repeat(5_000), "a path in it has more than 1024 bytes"],
  ])("objects: %s", (_name, text, problem) => {
    expect(feed(makeObjectMeter(measures), text, step)).toBe(problem);
  });

  test.each([
    ["what is in measure", change("a") + merged("b/c") + change("d", "0"), undefined],
    ["many", change("a").repeat(5), "its commits change more than 4 files and folders"],
    ["many of them of merges", merged("a").repeat(5), "its commits change more than 4 files and folders"],
    [
      "many folders",
      change("a", "1", "040000").repeat(5),
      "its commits change more than 4 files and folders",
    ],
  ])("changes: %s", (_name, text, problem) => {
    expect(feed(makeChangeMeter({ ...measures, pathBytes: 4_096 }), text, step)).toBe(problem);
  });

  test("changes: a long path", () => {
    const text = `${change("a")}${change("p".repeat(4_097))}`;
    expect(feed(makeChangeMeter(), text, step)).toBe("a path in it has more than 4096 bytes");
  });

  test("sizes count as often as a file is written", () => {
    const changes = makeChangeMeter({ ...measures, pathBytes: 4_096 });
    feed(changes, change("a") + change("b") + merged("c") + change("d", "3", "040000"), step);
    expect([...changes.ids]).toEqual([
      [id("1"), 2],
      [id("2"), 1],
    ]);
    const sizes = (first: number) => objects(`blob ${first} ${none}`, `blob 10 ${none}`);
    expect(feed(makeSizeMeter(changes.ids, measures), sizes(20), step)).toBeUndefined();
    expect(feed(makeSizeMeter(changes.ids, measures), sizes(21), step)).toBe(
      "what its commits change has more than 50 B in all",
    );
  });
});
