import { describe, expect, test } from "bun:test";
import type { App } from "../../../../src/session/app.ts";
import { chooseBottle, listOwnBottles } from "../../../../src/session/resolve/choose-bottle.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import { failureOf } from "../../../support/failure.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../../support/journal-entries.ts";
import { aWorld } from "../../../support/temporary.ts";

/** Two bottles of the user's, one that `verify` started, and one of somebody else on the same engine. */
async function anApp(): Promise<App> {
  const world = await aWorld();
  await writeEntries(stateFolder(world), [
    aJournalEntry({ session: "aaa111" }),
    aJournalEntry({ session: "bbb222", bottleName: "review-bbb222" }),
    aJournalEntry({ session: "ccc333", bottleName: "hello-ccc333", isProbe: true }),
  ]);
  const bottles = [
    aRunningBottle({ session: "aaa111" }),
    aRunningBottle({ session: "bbb222", name: "review-bbb222" }),
    aRunningBottle({ session: "ccc333" }),
    aRunningBottle({ session: "ddd444", name: "theirs-ddd444" }),
  ];
  return {
    world: { ...world, stdin: { isTTY: false } },
    openBottles: async () => ({ list: async () => bottles }),
  } as unknown as App;
}

describe("chooseBottle()", () => {
  test("takes a unique prefix, which a bottle that verify started does not make ambiguous", async () => {
    expect((await chooseBottle(await anApp(), "hello")).session).toBe("aaa111");
  });

  test("takes the bottle of somebody else by its name", async () => {
    expect((await chooseBottle(await anApp(), "theirs")).session).toBe("ddd444");
  });

  test("names neither a probe nor a stranger's bottle where it cannot ask", async () => {
    const { message, details } = await failureOf(chooseBottle(await anApp(), undefined));
    expect([message, ...details]).toEqual([
      "Cannot tell which bottle is meant: none is named",
      "Running: hello-aaa111, review-bbb222",
    ]);
  });

  test("suggests no probe for a slip", async () => {
    const error = await failureOf(chooseBottle(await anApp(), "hello-ccc334"));
    expect(error.details.join()).not.toContain("ccc333");
    expect(error.hint).not.toContain("ccc333");
  });
});

test("listOwnBottles() leaves out what a command started for itself", async () => {
  expect((await listOwnBottles(await anApp())).map((one) => one.session)).toEqual(["aaa111", "bbb222"]);
});
