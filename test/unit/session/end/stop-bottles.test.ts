/** When a bottle that is stopped counts as gone. */
import { expect, test } from "bun:test";
import type { Bottles } from "../../../../src/bottle/bottles.ts";
import { removeJournal } from "../../../../src/host/journal.ts";
import { writeReceipt } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { App } from "../../../../src/session/app.ts";
import { stopBottles } from "../../../../src/session/end/stop-bottles.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../../support/journal-entries.ts";
import { aReceipt } from "../../../support/receipts.ts";
import { aWorld } from "../../../support/temporary.ts";

const bottle = aRunningBottle();

test("that of somebody else once the engine has it no more, and no record of it is looked for", async () => {
  const world = await aWorld();
  let looks = 0;
  const bottles: Partial<Bottles> = {
    endAgent: () => Promise.resolve(),
    list: () => Promise.resolve((looks += 1) < 3 ? [bottle] : []),
  };
  const [stopped] = await stopBottles({ world } as unknown as App, bottles as Bottles, [bottle]);
  expect([looks, stopped?.problem, stopped?.receipt]).toEqual([3, undefined, undefined]);
});

test("one's own once its launcher has written how it ended", async () => {
  const world = await aWorld();
  const folder = stateFolder(world);
  await writeEntries(folder, [aJournalEntry()]);
  await writeReceipt(folder, aReceipt({ end: "running" }));
  const order: string[] = [];
  const bottles: Partial<Bottles> = {
    endAgent: async () => {
      setTimeout(async () => {
        await removeJournal(folder, "k3f9q2");
        order.push("work is safe");
        setTimeout(async () => {
          order.push("written");
          await writeReceipt(folder, aReceipt({ end: "ended", exitCode: 3 }));
        }, 300);
      }, 100);
    },
  };
  const [stopped] = await stopBottles({ world } as unknown as App, bottles as Bottles, [bottle]);
  expect([order, stopped?.receipt?.exitCode]).toEqual([["work is safe", "written"], 3]);
});

test("one that cannot be ended is told with the reason, and the others are stopped", async () => {
  const world = await aWorld();
  const bottles: Partial<Bottles> = {
    endAgent: (session) => (session === "bad" ? Promise.reject(new Error("no engine")) : Promise.resolve()),
    list: () => Promise.resolve([]),
  };
  const told: string[] = [];
  const running = [aRunningBottle({ session: "bad" }), bottle];
  const stopped = await stopBottles({ world } as unknown as App, bottles as Bottles, running, (text) =>
    told.push(text),
  );
  expect(stopped.map(({ problem }) => problem)).toEqual(["no engine", undefined]);
  expect(told[0]).toEndWith("; 2 left");
  expect(told.at(-1)).toBe("done");
});
