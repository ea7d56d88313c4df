/** Under `scripts/test` no test file sets a shorter limit than the one that is given. One that sets none has `--timeout`. */
import * as bunTest from "bun:test";
import { testLimitMs } from "./patience.ts";

export function makeTestsPatient(): void {
  if (testLimitMs === 0) return;
  const { setDefaultTimeout } = bunTest;
  void bunTest.mock.module("bun:test", () => ({
    ...bunTest,
    setDefaultTimeout: (ms: number) => setDefaultTimeout(Math.max(ms, testLimitMs)),
  }));
}
