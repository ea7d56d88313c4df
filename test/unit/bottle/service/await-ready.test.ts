import { describe, expect, test } from "bun:test";
import type { Frame } from "../../../../src/core/byte-stream.ts";
import { startReady } from "../../../../src/bottle/service/await-ready.ts";
import type { ServiceStart } from "../../../../src/bottle/service/await-ready.ts";
import { failureOf } from "../../../support/failure.ts";

const times = { patienceMs: 60_000, tryMs: 60_000, pauseMs: 1, settleMs: 1 };

interface Behaviour {
  /** What the command says at each try; the last for ever */
  readonly tries?: readonly (number | Error)[];
  /** Ends by itself at this try */
  readonly endsAt?: number;
  readonly says?: string;
  readonly ready?: readonly string[] | undefined;
}

function aStart({ tries = [0], endsAt, says = "", ready = ["true"] }: Behaviour) {
  const exit = Promise.withResolvers<number>();
  const seen: string[] = [];
  let count = 0;
  const start: ServiceStart = {
    name: "db",
    ready,
    signal: new AbortController().signal,
    times,
    part: {
      async openWait() {
        seen.push("wait");
        return { exit: exit.promise };
      },
      async start() {
        seen.push("start");
        if (endsAt === 0) exit.resolve(3);
      },
      async run() {
        count += 1;
        if (count === endsAt) exit.resolve(3);
        const outcome = tries[Math.min(count, tries.length) - 1] ?? 0;
        if (typeof outcome !== "number") throw outcome;
        return { exitCode: outcome, stdout: "", stderr: "" };
      },
      async *readLogs(): AsyncGenerator<Frame> {
        yield { stream: "stderr", data: Buffer.from(says) };
      },
    },
  };
  return { start, seen, tried: () => count };
}

describe("startReady()", () => {
  test("waits for the end before it starts, and then for the command", async () => {
    const { start, seen, tried } = aStart({ tries: [1, new Error("no such container"), 2, 0] });
    await startReady(start);
    expect({ seen, tried: tried() }).toEqual({ seen: ["wait", "start"], tried: 4 });
  });

  test("takes one that says nothing for ready when it still runs", async () => {
    const { start } = aStart({});
    await startReady({ ...start, ready: undefined });
  });

  test("tells what one that ends said last, escaped and cut", async () => {
    const says = `first\n\u001b[2Jsecond ${"x".repeat(500)}\n`;
    const error = await failureOf(startReady(aStart({ tries: [1], endsAt: 2, says }).start));
    expect(error.message).toBe('Cannot start service "db": it ended with exit code 3');
    expect(error.details).toHaveLength(2);
    expect(error.details.join()).not.toContain("\u001b");
    expect(error.details[1]?.length).toBeLessThan(300);
  });

  test("tells of one that ends and says nothing of when it is ready", async () => {
    const { start } = aStart({ endsAt: 0 });
    const slow = { ...times, settleMs: 60_000 };
    expect((await failureOf(startReady({ ...start, ready: undefined, times: slow }))).message).toContain(
      "exit code 3",
    );
  });

  test("gives up when its time is over, with the last that was wrong", async () => {
    const { start } = aStart({ tries: [7], says: "still starting" });
    const error = await failureOf(startReady({ ...start, times: { ...times, patienceMs: 0 } }));
    expect(error.message).toContain('its command "ready" ended with 7');
    expect(error.details).toEqual(["still starting"]);
  });

  test("ends its waiting with the signal", async () => {
    const aborting = new AbortController();
    const { start } = aStart({ tries: [1] });
    const waiting = startReady({ ...start, signal: aborting.signal });
    aborting.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });

  test("a log that cannot be read hides no error", async () => {
    const { start } = aStart({ endsAt: 1 });
    const part = {
      ...start.part,
      readLogs: () => {
        throw new Error("gone");
      },
    };
    expect((await failureOf(startReady({ ...start, part }))).details).toEqual([]);
  });
});
