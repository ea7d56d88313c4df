import { describe, expect, test } from "bun:test";
import { makeProgress } from "../../../src/host/progress.ts";
import type { World } from "../../../src/host/world.ts";

function record(stderr: { readonly isTTY: boolean; readonly columns?: number }, isVerbose: boolean) {
  let text = "";
  const write = (chunk: string) => void (text += chunk);
  const progress = makeProgress({ stderr: { ...stderr, write } } as unknown as World, isVerbose);
  return { progress, text: () => text };
}

describe("progress without a terminal", () => {
  test("is one plain line a step, and details only when asked for", () => {
    for (const [isVerbose, expected] of [
      [false, "Building\nStarting\n"],
      [true, "Building\n  layer 1\nStarting\n"],
    ] as const) {
      const { progress, text } = record({ isTTY: false }, isVerbose);
      progress.step("Building");
      progress.detail("layer 1");
      progress.step("Starting");
      progress.done();
      expect(text()).toBe(expected);
    }
  });
});

describe("progress on a terminal", () => {
  test("is one line that is drawn again, never wider than the terminal, and gone in the end", () => {
    const { progress, text } = record({ isTTY: true, columns: 20 }, false);
    progress.step("Building");
    progress.detail("a very long line of a build");
    progress.done();
    expect(text()).toBe("\r\u001b[KBuilding\r\u001b[KBuilding  a very lo\r\u001b[K");
  });

  test("shows what changes beside a step that is longer than the line", () => {
    const { progress, text } = record({ isTTY: true, columns: 41 }, false);
    progress.step("Building claude-bottle:0123456789abcdef on node:22-bookworm-slim");
    progress.detail("Step 3/11 : RUN apt-get update && apt-get install");
    progress.detail("ok");
    expect(text().split("\r\u001b[K").slice(1)).toEqual([
      "Building claude-bottle:0123456789abcdef…",
      "Building claude-bot…  Step 3/11 : RUN ap",
      "Building claude-bottle:0123456789ab…  ok",
    ]);
  });
});

describe("a build's output", () => {
  test.each([
    ["without a terminal", { isTTY: false }, true],
    ["on a terminal", { isTTY: true, columns: 200 }, false],
  ])("does nothing to the screen %s", (_name, stderr, isVerbose) => {
    const { progress, text } = record(stderr, isVerbose);
    progress.step("Build \u001b[2J\nx");
    progress.detail("\u001b[31mred\u001b[0m \u001b]0;title\u0007 \r\n\b \u009b2J");
    expect(text().replaceAll("\r\u001b[K", "")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text()).toContain("red");
  });
});
