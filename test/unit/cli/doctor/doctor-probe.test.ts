import type { Bottles } from "../../../../src/bottle/bottles.ts";
import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import type { App } from "../../../../src/session/app.ts";
import { diagnosePlatform } from "../../../../src/cli/doctor/doctor-probe.ts";
import { readSettings } from "../../../../src/session/settings.ts";
import { listJournal } from "../../../../src/host/journal.ts";
import { silentProgress } from "../../../../src/host/progress.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import { aPlan } from "../../../support/manifests.ts";
import { aWorld } from "../../../support/temporary.ts";

test("the bottle that a doctor starts is noted while it is there, so that a killed doctor leaves nothing", async () => {
  const given = await aWorld();
  const outputs = { stdin: {}, stdout: new EventEmitter(), stderr: {} };
  const world = { ...given, cwd: given.home, ...outputs } as unknown as App["world"];
  const { image, runtime } = aPlan();
  const listSessions = async () => (await listJournal(stateFolder(world))).map((entry) => entry.session);
  const seen: (readonly string[])[] = [];
  const bottles: Partial<Bottles> = {
    observe: () => Promise.resolve({ image, runtime, engine: "" }),
    async diagnose({ withProbe }) {
      await withProbe(async ({ plan }) => void seen.push([plan.session], await listSessions()));
      return [];
    },
  };
  const app = {
    world,
    settings: readSettings({}),
    selfCommand: ["true"],
    openBottles: () => Promise.resolve(bottles),
  } as unknown as App;
  await diagnosePlatform(app, { mends: false, progress: silentProgress });
  expect(seen[0]).toHaveLength(1);
  expect(seen[1]).toEqual(seen[0] ?? []);
  expect(await listSessions()).toEqual([]);
});
