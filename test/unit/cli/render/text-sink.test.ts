import { expect, test } from "bun:test";
import { makeTextSink } from "../../../../src/cli/render/text-sink.ts";
import type { WorkSection } from "../../../../src/bottle/work.ts";

/** The lines that are shown of pieces that come so, and the problems. */
async function show(section: WorkSection, ...pieces: readonly (string | Uint8Array)[]) {
  const lines: string[] = [];
  const problems: string[] = [];
  const sink = makeTextSink(
    (line) => lines.push(line),
    (text) => problems.push(text),
  );
  const part = await sink.begin(section);
  for (const piece of pieces) await part.write(Buffer.from(piece));
  await part.end();
  return { lines, problems };
}

const text: WorkSection = { section: "text" };

test("lines are shown whole wherever they are cut, the last one without a break too", async () => {
  const whole = "one\ntwö €\n\nlast";
  const lines = ["one", "twö €", "", "last"];
  const bytes = Buffer.from(whole);
  for (let at = 0; at <= bytes.length; at += 1)
    expect((await show(text, bytes.subarray(0, at), bytes.subarray(at))).lines).toEqual(lines);
  expect((await show(text, "one\n")).lines).toEqual(["one"]);
  expect((await show(text)).lines).toEqual([]);
});

test("nothing in them commands a terminal, on the last line neither", async () => {
  const { lines } = await show(text, "a\u001b[2J\nb\u009b2J");
  expect(lines.join()).not.toMatch(/[\u001b\u009b]/);
});

test("of a line that never ends a beginning is kept and shown", async () => {
  const { lines } = await show(text, "x".repeat(3_000), "x".repeat(3_000), "\ny");
  expect(lines.map((line) => line.length)).toEqual([4_000, 1]);
  expect((await show(text, `${"x".repeat(4_001)}\n`)).lines).toEqual(["x".repeat(4_000)]);
});

test("of other parts nothing is shown, and a problem is told", async () => {
  expect(await show({ section: "patch" }, "diff\n")).toEqual({ lines: [], problems: [] });
  expect(await show({ section: "problem", text: "no way" }, "x\n")).toEqual({
    lines: [],
    problems: ["no way"],
  });
});
