import type { Frame } from "../../../src/core/byte-stream.ts";
import { expect, test } from "bun:test";
import { readJsonLines } from "../../../src/core/json-lines.ts";

async function read(...frames: readonly (readonly [Frame["stream"], string])[]) {
  async function* all() {
    for (const [stream, text] of frames) yield { stream, data: Buffer.from(text) };
  }
  const found: string[] = [];
  for await (const { text, json } of readJsonLines(all())) found.push(json ? `json ${text}` : text);
  return found;
}

test("objects are taken from stdout alone, wherever lines are cut", async () => {
  expect(
    await read(
      ["stdout", '{"a"'],
      ["stderr", '{"b":1}\nnot'],
      ["stdout", ":1}\n[1]\n{x\n"],
      ["stderr", "e\n"],
    ),
  ).toEqual(['{"b":1}', 'json {"a":1}', "[1]", "{x", "note"]);
});

test("the last words of a program that dies in the middle of a line are kept", async () => {
  expect(await read(["stdout", '{"a":1}\n{"half'], ["stderr", "Killed"])).toEqual([
    'json {"a":1}',
    '{"half',
    "Killed",
  ]);
});

test("a line without an end is cut, and what follows it is read", async () => {
  const found = await read(["stderr", "x".repeat(200_000)], ["stderr", "y\nnext\n"]);
  expect(found.map((line) => line.length)).toEqual([64 * 1024 + 1, 4]);
});
