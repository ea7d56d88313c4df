import { describe, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bottles } from "../../../../src/bottle/bottles.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { World } from "../../../../src/host/world.ts";
import type { App } from "../../../../src/session/app.ts";
import { reapSession } from "../../../../src/session/end/reap-session.ts";
import { findRecord } from "../../../../src/session/resolve/find-receipt.ts";
import { findSession } from "../../../../src/session/resolve/find-session.ts";
import { findWork } from "../../../../src/session/resolve/find-work.ts";
import { failureOf } from "../../../support/failure.ts";
import { aWorld } from "../../../support/temporary.ts";

const later = JSON.stringify({ schema: 2, session: "k3f9q2", bottleName: "hello-k3f9q2", owner: "new" });
const refusal = 'Cannot use "hello-k3f9q2": a later version of claude-bottle made it';

/** A home in which a later version has begun a session, or kept its record. */
async function aLaterHome(name: "journal/k3f9q2.json" | "sessions/k3f9q2/receipt.json", text = later) {
  const world = await aWorld();
  const path = join(stateFolder(world), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return { world: world as World, path };
}

describe("what a later version has begun", () => {
  test.each(["hello", "hello-k3f9q2", "k3f9q2"])(
    "is not taken for nothing, asked for as %s",
    async (word) => {
      const { world } = await aLaterHome("journal/k3f9q2.json");
      expect((await failureOf(findSession(world, word))).message).toBe(refusal);
      expect((await failureOf(findWork(world, word))).message).toBe(refusal);
    },
  );

  test("is none of another name's, and a text of no form at all is nothing", async () => {
    const { world } = await aLaterHome("journal/k3f9q2.json");
    expect((await failureOf(findSession(world, "other"))).message).toStartWith("Cannot find bottle");
    for (const text of ["{", '{ "schema": 0, "session": "k3f9q2" }', later.replace("k3f9q2", "other")]) {
      const broken = await aLaterHome("journal/k3f9q2.json", text);
      expect((await failureOf(findSession(broken.world, "hello"))).message).toStartWith("Cannot find bottle");
    }
  });

  test("is not reaped by this one: nothing is asked of the platform, and the entry stays", async () => {
    const { world, path } = await aLaterHome("journal/k3f9q2.json");
    const removed: string[] = [];
    const bottles = {
      removeSession: async (session: string) => {
        removed.push(session);
        return [];
      },
    } as unknown as Bottles;
    const app = { world } as App;
    expect((await failureOf(reapSession(app, bottles, "k3f9q2"))).message).toBe(refusal);
    expect(removed).toEqual([]);
    expect(await readFile(path, "utf8")).toBe(later);
    // The control: a session without any entry goes
    await reapSession(app, bottles, "unknown");
    expect(removed).toEqual(["unknown"]);
  });
});

test("the record of a later version is not taken for nothing", async () => {
  const { world } = await aLaterHome("sessions/k3f9q2/receipt.json");
  expect((await failureOf(findRecord(world, "k3f9q2"))).message).toBe(refusal);
  expect((await failureOf(findWork(world, "hello"))).message).toBe(refusal);
  expect((await failureOf(findRecord(world, "other"))).message).toStartWith("Cannot find session");
});
