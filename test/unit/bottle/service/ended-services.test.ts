import { expect, test } from "bun:test";
import { describeEnded } from "../../../../src/bottle/service/ended-services.ts";
import type { FoundService } from "../../../../src/bottle/platform/services.ts";

const aService = (name: string, state: object | Error, says = "") =>
  ({
    name,
    part: {
      state: async () => {
        if (state instanceof Error) throw state;
        return state;
      },
      readLogs: async function* () {
        yield { stream: "stdout", data: Buffer.from(says) };
      },
    },
  }) as unknown as FoundService;

test("services that ended before their session are told with their last words, and no others", async () => {
  const lines = await describeEnded([
    aService("well", { isRunning: true, isOutOfMemory: false, isPaused: false }),
    aService("db", { isRunning: false, isOutOfMemory: false, isPaused: false }, "one\nPANIC: \u001b[1mtwo\n"),
    aService("big", { isRunning: false, isOutOfMemory: true }),
    aService("gone", new Error("no such container")),
  ]);
  expect(lines).toEqual([
    expect.stringMatching(/^Service db ended before the session; it said last: PANIC: .*two$/),
    "Service big ended before the session by its memory limit (limits.memory)",
  ]);
  expect(lines.join()).not.toContain("\u001b");
});
