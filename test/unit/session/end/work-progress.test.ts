import { expect, test } from "bun:test";
import { makeWorkProgress } from "../../../../src/session/end/work-progress.ts";
import type { World } from "../../../../src/host/world.ts";

function record(isTTY: boolean) {
  let text = "";
  let time = 0;
  const write = (chunk: string) => void (text += chunk);
  const world = { stderr: { isTTY, columns: 100, write } } as unknown as World;
  const progress = makeWorkProgress(world, "Pulling the work", () => time);
  return { progress, at: (ms: number) => (time = ms), lines: () => text.split("\r\u001b[K").filter(Boolean) };
}

test("shows how far it is on a terminal, once it takes long, and not too often", () => {
  const { progress, at, lines } = record(true);
  progress.tell({ stage: "list", done: 0, whole: 0 });
  at(800);
  progress.tell({ stage: "compare", done: 50, whole: 200 });
  progress.tell({ stage: "compare", done: 51, whole: 200 });
  at(1_000);
  progress.tell({ stage: "pack", done: 0, whole: 0 });
  at(1_200);
  progress.tell({ stage: "receive", done: 1024, whole: 2048 });
  progress.done();
  expect(lines()).toEqual([
    "Pulling the work",
    "Pulling the work  comparing [#####               ] 25% of 200 files",
    "Pulling the work  packing",
    "Pulling the work  receiving [##########          ] 50%  1.0 KiB of 2.0 KiB",
  ]);
});

test("writes nothing where nobody looks", () => {
  const { progress, at, lines } = record(false);
  at(5_000);
  progress.tell({ stage: "compare", done: 50, whole: 200 });
  progress.done();
  expect(lines()).toEqual([]);
});
