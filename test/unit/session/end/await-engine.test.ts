import { describe, expect, test } from "bun:test";
import { awaitEngine } from "../../../../src/session/end/await-engine.ts";

/** An engine that answers at the calls that are named */
function answering(...calls: readonly number[]) {
  let count = 0;
  return { isReachable: () => Promise.resolve(calls.includes((count += 1))) };
}

describe("an engine that went away", () => {
  test("is not waited for if it is there", async () => {
    let said = 0;
    const wait = { limitMs: 5_000, onAway: () => void (said += 1) };
    expect(await awaitEngine(answering(1), wait)).toBe("here");
    expect(said).toBe(0);
  });

  test("is told of once, and waited for until it answers", async () => {
    let said = 0;
    const wait = { limitMs: 20_000, onAway: () => void (said += 1) };
    expect(await awaitEngine(answering(3), wait)).toBe("back");
    expect(said).toBe(1);
  });

  test("is given up at the limit, and before that when somebody says so", async () => {
    const onAway = () => undefined;
    expect(await awaitEngine(answering(), { limitMs: 1, onAway })).toBe("gone");
    const stopped = () => Promise.resolve();
    expect(await awaitEngine(answering(), { limitMs: 600_000, onAway, stopped })).toBe("gone");
  });
});
