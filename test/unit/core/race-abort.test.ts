import { describe, expect, test } from "bun:test";
import { raceAbort } from "../../../src/core/race-abort.ts";

describe("raceAbort()", () => {
  test("gives the work's outcome", async () => {
    const { signal } = new AbortController();
    expect(await raceAbort(Promise.resolve(1), signal)).toBe(1);
    await expect(raceAbort(Promise.reject(new Error("it failed")), signal)).rejects.toThrow("it failed");
  });

  test("gives the signal's reason, whether it comes before or after, and then the work may fail unheard", async () => {
    const aborting = new AbortController();
    const work = Promise.withResolvers<number>();
    const waiting = raceAbort(work.promise, aborting.signal);
    aborting.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    const late = raceAbort(work.promise, aborting.signal);
    await expect(late).rejects.toThrow("stopped");
    // An error that nobody handles would fail this test
    work.reject(new Error("nobody waits"));
    await Bun.sleep(1);
  });
});
