import { describe, expect, test } from "bun:test";
import type { RunningBottle } from "../../../../src/bottle/bottle.ts";
import type { Part } from "../../../../src/bottle/platform/part.ts";
import type { Running } from "../../../../src/bottle/platform/running.ts";
import { makeBottleSessions } from "../../../../src/bottle/running/bottle-sessions.ts";
import { findAgent, findBottle } from "../../../../src/bottle/running/find-bottle.ts";
import { failureOf } from "../../../support/failure.ts";
import { aRunningBottle } from "../../../support/journal-entries.ts";

/** With one bottle, whose agent notes that it was asked to end. */
function aPlatform(difference: Partial<RunningBottle>) {
  const ended: number[] = [];
  const agent = { isRunning: true, stop: async (grace: number) => void ended.push(grace) } as Partial<Part>;
  const platform = {
    find: async (session: string) =>
      session === "other"
        ? { bottle: undefined, parts: {} }
        : { bottle: aRunningBottle(difference), parts: { agent, gate: { isRunning: true } } },
  } as unknown as Running;
  return { platform, ended };
}

describe("a bottle of a later version", () => {
  const refusal = 'Cannot use "hello-k3f9q2": a later version of claude-bottle made it ("99.0.0")';

  test("is neither joined nor changed nor ended", async () => {
    const { platform, ended } = aPlatform({ laterVersion: "99.0.0" });
    expect((await failureOf(findAgent(platform, "k3f9q2"))).message).toBe(refusal);
    expect((await failureOf(findBottle(platform, "k3f9q2"))).message).toBe(refusal);
    expect((await failureOf(makeBottleSessions(platform).endAgent("k3f9q2"))).message).toBe(refusal);
    expect(ended).toEqual([]);
  });

  test("and one of this version is", async () => {
    const { platform, ended } = aPlatform({});
    expect((await findAgent(platform, "k3f9q2")).bottle.name).toBe("hello-k3f9q2");
    expect((await findBottle(platform, "k3f9q2")).bottle.name).toBe("hello-k3f9q2");
    await makeBottleSessions(platform).endAgent("k3f9q2");
    expect(ended).toHaveLength(1);
  });
});

test("a session of which no bottle is there any more has just ended", async () => {
  const { platform } = aPlatform({});
  const { message } = await failureOf(findAgent(platform, "other"));
  expect(message).toBe('Cannot reach the agent of "other": it has just ended');
});
