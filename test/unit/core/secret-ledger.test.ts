import { expect, test } from "bun:test";
import { makeLedger } from "../../../src/core/secret-ledger.ts";
import type { SecretNote } from "../../../src/core/secret-ledger.ts";

function aNote(differences: Partial<SecretNote> = {}): SecretNote {
  return { time: "t5", name: "A", host: "h", verdict: "used", count: 1, first: "t1", ...differences };
}

test("the newest note of a kind tells all of it, in any order and also twice", () => {
  const notes = [aNote({ count: 3, time: "t7" }), aNote({ count: 1 }), aNote({ count: 3, time: "t7" })];
  expect(makeLedger(notes)).toEqual([
    { name: "A", host: "h", verdict: "used", count: 3, first: "t1", last: "t7" },
  ]);
});

test("a gate that was started again is added to the one before", () => {
  const notes = [aNote({ count: 5, time: "t6" }), aNote({ count: 2, first: "t8", time: "t9" })];
  expect(makeLedger(notes)).toMatchObject([{ count: 7, first: "t1", last: "t9" }]);
});

test("is sorted by name, uses before tries, most often first", () => {
  const notes = [
    aNote({ name: "B" }),
    aNote({ verdict: "blocked", where: "body", count: 9 }),
    aNote({ host: "i", count: 2 }),
    aNote(),
    aNote({ verdict: "blocked", where: "address", count: 9 }),
  ];
  expect(
    makeLedger(notes).map(({ name, verdict, host, where = "" }) => `${name} ${verdict} ${host} ${where}`),
  ).toEqual(["A used i ", "A used h ", "A blocked h address", "A blocked h body", "B used h "]);
});

test("nothing makes nothing", () => {
  expect(makeLedger([])).toEqual([]);
});
