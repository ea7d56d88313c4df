import { describe, expect, test } from "bun:test";
import { NoWork } from "../../src/bottle/work.ts";
import { collect, record, reply, say, whole } from "../support/collect-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { renderChunk, renderFrame, streamHead } from "../support/fake-daemon.ts";

describe("a record that nobody writes to", () => {
  test("is read by the engine from a container that is never started, which can only read and goes again", async () => {
    const { outcome, found, mounts, isStarted, containers, volumes } = await collect({
      agent: "exited",
      archive: reply("tar"),
    });
    await outcome;
    expect(found).toEqual([[{ section: "transcript", root: "projects" }, "tar"]]);
    expect(mounts.map((one) => (one as { ReadOnly: boolean }).ReadOnly)).toEqual([true, true]);
    expect([isStarted, containers, volumes]).toEqual([false, [], ["cb-work", "cb-kept"]]);
  });

  test("is nothing where the agent has removed it", async () => {
    const { outcome, found, containers } = await collect({});
    await outcome;
    expect([found, containers]).toEqual([[], []]);
  });

  test("is left to the running collector where it is too long", async () => {
    const { outcome, found, takings, isStarted, containers } = await collect({
      archive: reply("x".repeat(33 * 1024 * 1024)),
      collector: say(whole),
    });
    await outcome;
    expect(found).toEqual([[{ section: "transcript" }, "abc"]]);
    // What came is taken over once, when all of it is there
    expect([takings, isStarted, containers]).toEqual([[1], true, []]);
  });

  test("an engine that breaks off hands nothing over, and the container goes all the same", async () => {
    const { outcome, found, containers } = await collect({
      archive: async (connection) => {
        await connection.send(`${streamHead}${renderChunk("half")}`);
        connection.terminate();
      },
    });
    expect((await failureOf(outcome)).code).toBe("engine-unreachable");
    expect([found, containers]).toEqual([[], []]);
  });
});

describe("the running collector", () => {
  test("is used where the agent could still write", async () => {
    const { outcome, found, isStarted } = await collect({ agent: "running", collector: say(whole) });
    await outcome;
    expect([found.length, isStarted]).toEqual([1, true]);
  });

  test.each([
    [1, "session", "the collector ended with exit code 1"],
    [137, "aborted", "the collector ended with exit code 137"],
  ])("that ends early with %i is an error with its last words", async (exitCode, code, state) => {
    const { outcome, containers, volumes } = await collect({
      agent: "running",
      exitCode,
      collector: (connection) => connection.send(renderFrame("stderr", "no node\u001b[2J\n")),
    });
    const error = await failureOf(outcome);
    expect(error).toMatchObject({ code, message: `Cannot collect the work: ${state}` });
    expect(error.details).toEqual(["no node\\x1b[2J"]);
    expect([containers, volumes.length]).toEqual([[], 2]);
  });

  const ofWorkspace = { ...record, hasWorkspace: true };

  test("is the one that stands by, where there is one: nothing is made, and it goes as any other", async () => {
    const { outcome, found, asked, containers } = await collect({
      request: ofWorkspace,
      standsBy: true,
      collector: say(whole),
    });
    await outcome;
    expect([found.length, containers]).toEqual([1, []]);
    expect(asked.filter((one) => one.includes("/create"))).toEqual([]);
  });

  test.each([
    ["there is none that stands by", ofWorkspace, false],
    ["the one that stands by could not write", { ...ofWorkspace, unlocks: true }, true],
  ])("is made where %s", async (_, request, standsBy) => {
    const { outcome, found, asked } = await collect({ request, standsBy, collector: say(whole) });
    await outcome;
    expect(found.length).toBe(1);
    expect(asked.filter((one) => one.includes("/create"))).toHaveLength(1);
  });

  test("that stands by over volumes that were removed meanwhile hands nothing over", async () => {
    const { outcome, found, containers } = await collect({
      request: ofWorkspace,
      standsBy: true,
      isGone: true,
      collector: say(whole),
    });
    expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
    expect([found, containers]).toEqual([[], []]);
  });

  test("that answers otherwise than agreed is an error with a next step, and its stream is closed", async () => {
    const begun = whole.slice(0, whole.indexOf('{"section":"end"'));
    const { outcome, found, takings, containers } = await collect({
      agent: "running",
      collector: say(`${begun}hello\n`),
    });
    expect((await failureOf(outcome)).hint).toContain("image or Dockerfile");
    // Nothing of it is taken over
    expect([found.length, takings, containers]).toEqual([1, [], []]);
  });
});

describe("volumes that are removed by hand between the look and the create", () => {
  test.each([["exited"], ["running"]])(
    "are no work that came to nothing: nothing is handed over, and what the engine made anew goes (agent %s)",
    async (agent) => {
      const { outcome, found, isStarted, containers, volumes } = await collect({
        agent,
        removed: "labelled",
        archive: reply("tar"),
        collector: say(whole),
      });
      expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
      expect([found, isStarted, containers, volumes]).toEqual([[], false, [], []]);
    },
  );

  test("are not removed again where nothing says that the engine made them", async () => {
    const { outcome, found, volumes } = await collect({ removed: "unlabelled", archive: reply("tar") });
    expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
    expect([found, volumes]).toEqual([[], ["cb-work", "cb-kept"]]);
  });
});
