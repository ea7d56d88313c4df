/** How far a copy is: bytes, per cent and rate, on a progress line. */
import { renderBytes } from "../core/text.ts";
import type { ProgressLine } from "./progress.ts";

export interface TransferProgress {
  /** What is expected; it may never come */
  expect(bytes: number): void;
  add(bytes: number): void;
  done(): void;
}

/** More often nobody can read it */
const pauseMs = 100;

/** `now` gives milliseconds. */
export function makeTransferProgress(
  line: ProgressLine,
  text: string,
  now: () => number = () => performance.now(),
): TransferProgress {
  const startedAt = now();
  let drawnAt = startedAt;
  let expected = 0;
  let bytes = 0;
  line.step(text);
  return {
    expect: (count) => (expected = count),
    add(count) {
      bytes += count;
      const time = now();
      if (time - drawnAt < pauseMs) return;
      drawnAt = time;
      line.detail(render(bytes, expected, time - startedAt));
    },
    done: () => line.done(),
  };
}

/** A bottle can send more than it said. */
function render(bytes: number, expected: number, ms: number): string {
  const rate = `${renderBytes((bytes / ms) * 1000)}/s`;
  if (expected < bytes || expected === 0) return `${renderBytes(bytes)}, ${rate}`;
  const percent = Math.floor((bytes / expected) * 100);
  return `${renderBytes(bytes)} of ${renderBytes(expected)}, ${percent} %, ${rate}`;
}
