import { expect, test } from "bun:test";
import { makeTransferProgress } from "../../../src/host/transfer-progress.ts";

function watch(): {
  lines: string[];
  clock: { now: number };
  make: () => ReturnType<typeof makeTransferProgress>;
} {
  const lines: string[] = [];
  const clock = { now: 0 };
  const line = {
    step: (text: string) => void lines.push(`step ${text}`),
    detail: (text: string) => void lines.push(text),
    done: () => void lines.push("done"),
  };
  return { lines, clock, make: () => makeTransferProgress(line, "Copying", () => clock.now) };
}

test("a transfer shows bytes, per cent and rate, and no more often than anybody can read", () => {
  const { lines, clock, make } = watch();
  const progress = make();
  progress.expect(4 * 1024 * 1024);
  for (const [now, bytes] of [
    [50, 1024],
    [1_000, 1024 * 1024 - 1024],
    [1_050, 1],
    [2_000, 3 * 1024 * 1024 - 1],
  ] as const) {
    clock.now = now;
    progress.add(bytes);
  }
  progress.done();
  expect(lines).toEqual([
    "step Copying",
    "1.0 MiB of 4.0 MiB, 25 %, 1.0 MiB/s",
    "4.0 MiB of 4.0 MiB, 100 %, 2.0 MiB/s",
    "done",
  ]);
});

test("a transfer of which nobody said how much it is, or that is more than was said, shows no per cent", () => {
  const { lines, clock, make } = watch();
  const progress = make();
  clock.now = 1_000;
  progress.add(2048);
  progress.expect(10);
  clock.now = 2_000;
  progress.add(2048);
  expect(lines.slice(1)).toEqual(["2.0 KiB, 2.0 KiB/s", "4.0 KiB, 2.0 KiB/s"]);
});
