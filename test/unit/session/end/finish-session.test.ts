import type { JournalEntry } from "../../../../src/protocol/journal-entry.ts";
import type { Bottles } from "../../../../src/bottle/bottles.ts";
import { describe, expect, test } from "bun:test";
import type { Bottle } from "../../../../src/bottle/bottle.ts";
import { BottleError } from "../../../../src/core/error.ts";
import type { App } from "../../../../src/session/app.ts";
import { finishSession } from "../../../../src/session/end/finish-session.ts";
import { findJournal, writeJournal } from "../../../../src/host/journal.ts";
import { StoredSession } from "../../../../src/session/store/stored-session.ts";
import { readProcessIdentity } from "../../../../src/host/process-identity.ts";
import { aFolder } from "../../../support/temporary.ts";

/** Ends a session with a workspace on a platform that behaves as told. */
async function finish(
  bottles: Partial<Bottles>,
  destroyed: readonly string[] = [],
  more: { readonly hasManyFiles?: boolean; readonly release?: () => Promise<void> } = {},
) {
  const home = await aFolder();
  const state = `${home}/.local/state/claude-bottle`;
  const entry: JournalEntry = {
    schema: 1,
    session: "abc",
    bottleName: "hello-abc",
    agent: "hello",
    owner: await readProcessIdentity(process.pid),
    environment: {},
    workspace: { directory: home, repositories: [] },
    hasTranscript: false,
    state: "running",
    startedAt: "2026-01-01T00:00:00.000Z",
  };
  await writeJournal(state, entry);
  const stderr = { write: () => true };
  const app = { world: { env: {}, home, pid: process.pid, stderr } } as unknown as App;
  const bottle: Bottle = {
    attach: () => Promise.reject(new Error("not asked for")),
    onFrozen: () => undefined,
    seen: () => ({ reached: [], refused: [], secrets: [] }),
    stop: () => Promise.resolve(),
    destroy: () => Promise.resolve(destroyed),
    release: more.release ?? (() => Promise.resolve()),
  };
  const whole: Partial<Bottles> = {
    isReachable: () => Promise.resolve(true),
    collectWork: () => Promise.resolve(),
    discardWork: () => Promise.resolve([]),
    removeSession: () => Promise.resolve([]),
    ...bottles,
  };
  const finished = await finishSession(app, whole as Bottles, {
    bottle,
    stored: new StoredSession(app.world, entry),
    result: undefined,
    stopped: () => Promise.resolve(),
    hasManyFiles: more.hasManyFiles,
  });
  return { ...finished, entry: await findJournal(state, "abc") };
}

const lost = () =>
  Promise.reject(new BottleError({ code: "engine-unreachable", message: "Cannot collect: it is gone" }));

describe("the end of a session", () => {
  test("forgets it when all is brought back and removed", async () => {
    expect(await finish({})).toEqual({
      lines: [],
      isEngineLost: false,
      removalGoesOn: false,
      entry: undefined,
    });
  });

  test("does not wait for a removal that takes long, and leaves word of it", async () => {
    const { entry, lines, removalGoesOn } = await finish({ discardWork: () => new Promise(() => undefined) });
    expect(removalGoesOn).toBe(true);
    expect(entry?.state).toBe("brought");
    expect(lines).toEqual(["The bottle's copy of the files is being removed in the background."]);
  });

  test("does not wait at all for that of many files, and has noted before that they may go", async () => {
    let noted: string | undefined;
    const discardWork = async () => {
      noted = "begun";
      return new Promise<readonly string[]>(() => undefined);
    };
    const { entry, removalGoesOn } = await finish({ discardWork }, [], { hasManyFiles: true });
    expect([noted, removalGoesOn, entry?.state]).toEqual(["begun", true, "brought"]);
  });

  test("releases what was made ready for the collection after it, however it went", async () => {
    const calls: string[] = [];
    const release = async () => void calls.push("release");
    const collectWork = async () => {
      calls.push("collect");
      throw new BottleError({ code: "session", message: "Cannot collect: broken" });
    };
    await finish({ collectWork }, [], { release });
    expect(calls).toEqual(["collect", "release"]);
  });

  test("leaves it to the next command when the engine is gone and stays so", async () => {
    const { entry, isEngineLost, lines } = await finish({ isReachable: () => Promise.resolve(false) });
    expect(entry?.state).toBe("running");
    expect(isEngineLost).toBe(true);
    expect(lines.join("\n")).toContain("the next claude-bottle command");
  });

  test("tries again what an engine that went away in the midst of it cut", async () => {
    let tries = 0;
    const collectWork = () => ((tries += 1) === 1 ? lost() : Promise.resolve());
    expect((await finish({ collectWork })).entry).toBeUndefined();
    expect(tries).toBe(2);
  });

  test("tries again what an engine stopped that is being shut down", async () => {
    let tries = 0;
    const stopped = new BottleError({ code: "aborted", message: "Cannot collect: it ended with 137" });
    const collectWork = () => ((tries += 1) === 1 ? Promise.reject(stopped) : Promise.resolve());
    expect((await finish({ collectWork })).entry).toBeUndefined();
    expect(tries).toBe(2);
  });

  test("leaves cut work to the next command, and keeps work with a fault of its own until somebody asks", async () => {
    expect((await finish({ collectWork: lost })).entry?.state).toBe("running");
    const spoilt = () => Promise.reject(new Error("no such object"));
    expect((await finish({ collectWork: spoilt })).entry).toMatchObject({
      state: "kept",
      problem: "no such object",
    });
  });

  test("leaves what cannot be removed to the next command, without bringing the work again", async () => {
    const removeSession = () => Promise.resolve(["network x: busy"]);
    const { entry, lines } = await finish({ removeSession }, ["network x: busy"]);
    expect(entry?.state).toBe("brought");
    expect(lines).toEqual(["Left behind: network x: busy"]);
  });
});
