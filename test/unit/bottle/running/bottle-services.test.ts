import { describe, expect, test } from "bun:test";
import type { Frame } from "../../../../src/core/byte-stream.ts";
import type { Running } from "../../../../src/bottle/platform/running.ts";
import { makeBottleServices } from "../../../../src/bottle/running/bottle-services.ts";
import { failureOf } from "../../../support/failure.ts";
import { aRunningBottle } from "../../../support/journal-entries.ts";

const signal = new AbortController().signal;

function aPlatform(frames: readonly Frame[] = [], laterVersion?: string) {
  const seen: string[] = [];
  const part = {
    stop: async () => void seen.push("stop"),
    openWait: async () => ({ exit: new Promise<number>(() => undefined) }),
    start: async () => void seen.push("start"),
    run: async () => {
      seen.push("ready?");
      return { exitCode: 0, stdout: "", stderr: "" };
    },
    readLogs: async function* () {
      yield* frames;
    },
  };
  const platform = {
    find: async () => ({ bottle: aRunningBottle({ laterVersion }), parts: {} }),
    findServices: async () => [{ name: "db", ready: ["true"], part }],
  } as unknown as Running;
  return { seen, services: makeBottleServices(platform) };
}

const frame = (text: string, stream: Frame["stream"] = "stdout"): Frame => ({
  stream,
  data: Buffer.from(text),
});

describe("services of a running bottle", () => {
  test("are restarted, and waited for", async () => {
    const { seen, services } = aPlatform();
    await services.restartService({ session: "k3f9q2", service: "db", signal });
    expect(seen).toEqual(["stop", "start", "ready?"]);
  });

  test("say lines, each with its time, however they come in pieces", async () => {
    const { services } = aPlatform([
      frame("2026-11-30T16:00:00.5Z on"),
      frame("e\n2026-11-30T16:00:01Z \n"),
      frame("2026-11-30T16:00:02Z two\r\n", "stderr"),
      frame("no time\nrest"),
    ]);
    const lines = await Array.fromAsync(
      services.readServiceLog({ session: "k3f9q2", service: "db", isFollowing: false, signal }),
    );
    expect(lines).toEqual([
      { time: "2026-11-30T16:00:00.5Z", stream: "stdout", text: "one" },
      { time: "2026-11-30T16:00:01Z", stream: "stdout", text: "" },
      { time: "2026-11-30T16:00:02Z", stream: "stderr", text: "two" },
      { time: "", stream: "stdout", text: "no time" },
      { time: "", stream: "stdout", text: "rest" },
    ]);
  });

  test("are named where another one was meant", async () => {
    const { seen, services } = aPlatform();
    const error = await failureOf(services.restartService({ session: "k3f9q2", service: "dbs", signal }));
    expect(error.message).toBe('Cannot find service "dbs": the bottle has no service of that name');
    expect(error.details).toEqual(["It has: db"]);
    expect(error.hint).toBe('Did you mean "db"?');
    expect(seen).toEqual([]);
  });

  test("of a later version's bottle are left alone", async () => {
    const { seen, services } = aPlatform([], "99.0.0");
    const error = await failureOf(services.restartService({ session: "k3f9q2", service: "db", signal }));
    expect(error.message).toContain("a later version");
    expect(seen).toEqual([]);
  });
});
