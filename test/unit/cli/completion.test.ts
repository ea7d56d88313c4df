import type { EgressRecord } from "../../../src/protocol/egress-record.ts";
import { describe, expect, test } from "bun:test";
import type { App } from "../../../src/session/app.ts";
import { commandTable } from "../../../src/cli/command-table.ts";
import { findCompletion } from "../../../src/cli/completion/candidates.ts";
import { lookUp } from "../../../src/cli/completion/look-up.ts";
import { writeJournal } from "../../../src/host/journal.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

async function known(...words: string[]): Promise<string[]> {
  const found = await findCompletion(commandTable, words);
  return found.kind === "known" ? found.candidates.map((one) => one.value) : [`look up ${found.what}`];
}

describe("findCompletion()", () => {
  test("offers every command that is shown, and the general words", async () => {
    const shown = Object.keys(commandTable).filter((name) => !commandTable[name]?.isHidden);
    expect(await known("")).toEqual([...shown, "help", "--help", "--version"]);
    expect(await known("help", "ver")).toEqual(["verify", "version"]);
    expect(await known("help", "verify", "")).toEqual([]);
  });

  test.each([
    [["start", ""], ["look up agent"]],
    [["attach", ""], ["look up bottle"]],
    [["stop", "a", "b", ""], ["look up bottle"]],
    [["allow", "x", ""], ["look up host"]],
    [["allow", "x", "y", ""], []],
    [["show", ""], ["look up session"]],
    [["completion", ""], ["look up shell"]],
    [["cp", ""], ["look up source"]],
    [["cp", "-", ""], ["look up target"]],
    [["cp", "hello:a", ""], ["look up target"]],
    [["cp", "a", "hello:b", ""], []],
    [["nonsense", ""], []],
    [["__proto__", ""], []],
    // The value of a flag is somebody's own word
    [["start", "--name", ""], []],
    [["start", "--name=x", ""], ["look up agent"]],
    [["start", "a", "--", ""], []],
  ])("of %j offers %j", async (words, offered) => {
    expect(await known(...words)).toEqual(offered);
  });

  test("offers a flag once, in the way it may be typed", async () => {
    expect(await known("start", "--no")).toEqual(["--notify", "--no-transcript"]);
    expect(await known("start", "-y", "--y")).toEqual([]);
  });
});

describe("lookUp()", () => {
  const look = (
    app: Partial<App>,
    what: "agent" | "bottle" | "host",
    command: string,
    before: string[] = [],
  ) =>
    lookUp(app as App, { kind: "look up", what, command, before }, "").then((all) =>
      all.map((one) => one.value),
    );

  async function anApp(records: Partial<EgressRecord>[] = []): Promise<Partial<App>> {
    const home = await aFolder();
    await writeJournal(`${home}/.local/state/claude-bottle`, {
      schema: 1,
      session: "mine",
      bottleName: "hello-mine",
      agent: "hello",
      owner: { bootId: "x", pid: 1, startTime: "1" },
      environment: {},
      workspace: undefined,
      hasTranscript: true,
      state: "running",
      startedAt: "2026-01-01T00:00:00.000Z",
    });
    const running = [
      { name: "hello-mine", session: "mine", agent: "hello" },
      { name: "other-theirs", session: "theirs", agent: "other" },
    ];
    const bottles = {
      list: () => Promise.resolve(running),
      readEgress: async function* () {
        yield* records;
      },
    };
    return {
      world: { env: {}, home } as App["world"],
      openBottles: (() => Promise.resolve(bottles)) as unknown as App["openBottles"],
    };
  }

  test("offers one's own bottles", async () => {
    expect(await look(await anApp(), "bottle", "attach")).toEqual(["hello-mine"]);
  });

  test("offers the agents of the manifest", async () => {
    const app = await anApp();
    const agents = { hello: { bottle: "b" }, other: { bottle: "b" } };
    const home = await aFolder();
    await putFiles(home, {
      "claude-bottle.json": JSON.stringify({ bottles: { b: {} }, agents }),
    });
    const world = { env: {}, home, cwd: home } as App["world"];
    expect(await look({ ...app, world }, "agent", "start")).toEqual(["hello", "other"]);
  });

  test("offers to allow what was refused, and to deny what was reached, and nothing a shell could run", async () => {
    const app = await anApp([
      { host: "a.example", verdict: "allowed" },
      { host: "b.example", verdict: "refused" },
      { host: "$(touch x)", verdict: "refused" },
    ]);
    expect(await look(app, "host", "allow", ["hello-mine"])).toEqual(["b.example"]);
    expect(await look(app, "host", "deny", ["hello-mine"])).toEqual(["a.example"]);
  });

  describe("for a copy", () => {
    async function lookPlace(
      typed: string,
      before: string[] = [],
      engine?: App["openBottles"],
    ): Promise<string[]> {
      const app = await anApp();
      const cwd = await aFolder({
        "a.txt": "",
        "a folder/x": "",
        "docs/b.md": "",
        ".hidden": "",
        "$(touch x)": "",
      });
      const what = before.length === 0 ? "source" : "target";
      const world = { ...app.world, cwd } as App["world"];
      const asked = { ...app, world, ...(engine && { openBottles: engine }) } as App;
      const found = await lookUp(asked, { kind: "look up", what, command: "cp", before }, typed);
      return found.map((one) => one.value);
    }

    test.each([
      ["", [], ["hello-mine:", "a.txt", "docs/"]],
      ["h", [], ["hello-mine:"]],
      ["docs/", [], ["docs/b.md"]],
      ["./d", [], ["./docs/"]],
      [".h", [], [".hidden"]],
      ["none/", [], []],
      // The other side is a bottle, and then it is not
      ["", ["hello-mine:x"], ["a.txt", "docs/"]],
      ["", ["./a:b"], ["hello-mine:"]],
      ["", ["a.txt"], ["hello-mine:"]],
      ["", ["-"], ["hello-mine:"]],
    ])("%j behind %j offers places on this machine and bottles", async (typed, before, offered) => {
      expect(await lookPlace(typed, before)).toEqual(offered);
    });

    test("offers files where no engine answers", async () => {
      expect(await lookPlace("a", [], () => new Promise(() => undefined))).toEqual(["a.txt"]);
      expect(await lookPlace("a", [], () => Promise.reject(new Error("no")))).toEqual(["a.txt"]);
    });
  });

  test("offers nothing where the engine fails, and does not wait for one that hangs", async () => {
    const app = await anApp();
    expect(
      await look({ ...app, openBottles: () => Promise.reject(new Error("no")) }, "bottle", "stop"),
    ).toEqual([]);
    expect(await look({ ...app, openBottles: () => new Promise(() => undefined) }, "bottle", "stop")).toEqual(
      [],
    );
  });
});
