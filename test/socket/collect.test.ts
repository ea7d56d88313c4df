import { describe, expect, test } from "bun:test";
import { NoWork } from "../../src/bottle/work.ts";
import { collect, record, reply, say, whole } from "../support/collect-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { renderChunk, renderFrame, streamHead } from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";

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

describe("within a bottle that goes on", () => {
  const request = { ...record, hasWorkspace: true, goesOn: true };
  const agent = "running";
  const problem = (more: object) =>
    `${JSON.stringify({ section: "problem", text: "x", bytes: 0, ...more })}\n`;

  test("all is read, and no container is made", async () => {
    const { outcome, found, takings, restarts, asked } = await collect({
      request,
      agent,
      inside: say(whole),
    });
    await outcome;
    expect([found, takings, restarts]).toEqual([[[{ section: "transcript" }, "abc"]], [1], 0]);
    expect(asked.filter((one) => one.includes("/create"))).toEqual([]);
  });

  test.each([
    ["no program can be started", undefined],
    ["it says nothing", () => Promise.resolve()],
    ["it ends early", say(whole.slice(0, -2))],
    ["its answer has another form", say(`${whole.slice(0, whole.indexOf("abc") + 3)}hello\n`)],
    ["it is silent for too long", (connection: Connection) => connection.closed],
    ["something is missing, as where memory ends", say(`${problem({})}${whole}`)],
  ])("a container reads it where %s, and nothing comes twice", async (_, inside) => {
    const { outcome, found, takings, restarts, asked, containers } = await collect({
      request,
      agent,
      ...(inside && { inside }),
      limits: { silenceMs: 200, wholeMs: 60_000 },
      collector: say(whole),
    });
    await outcome;
    expect([found, takings, restarts]).toEqual([[[{ section: "transcript" }, "abc"]], [1], 1]);
    expect([asked.filter((one) => one.includes("/create")).length, containers]).toEqual([1, []]);
  });

  test("a container reads it where there is no end to what it says", async () => {
    const word = '{"section":"progress","stage":"pack","done":0,"whole":0,"bytes":0}\n';
    const inside = async (connection: Connection) => {
      const closed = connection.closed.then(() => true);
      while (!(await Promise.race([closed, Bun.sleep(10)])))
        await connection.send(renderFrame("stdout", word)).catch(() => undefined);
    };
    const limits = { silenceMs: 60_000, wholeMs: 200 };
    const { outcome, found, restarts } = await collect({
      request,
      agent,
      inside,
      limits,
      collector: say(whole),
    });
    await outcome;
    expect([found.length, restarts]).toEqual([1, 1]);
  });

  test.each([[{ isLocked: true }], [{ isOutside: true }]])(
    "what is %j is told: a container finds it so",
    async (more) => {
      const { outcome, found, restarts } = await collect({
        request,
        agent,
        inside: say(`${problem(more)}${whole}`),
      });
      await outcome;
      expect([found.length, restarts]).toEqual([2, 0]);
    },
  );

  test("nothing is read where its work is removed afterwards", async () => {
    const { outcome, asked } = await collect({
      request: { ...request, goesOn: false },
      agent,
      inside: say(whole),
      collector: say(whole),
    });
    await outcome;
    expect(asked.filter((one) => one.includes("/exec"))).toEqual([]);
    expect(asked.filter((one) => one.includes("/create"))).toHaveLength(1);
  });
});
