/** What another process finds of a bottle that a command starts for itself. */
import { expect, test } from "bun:test";
import { BottleError } from "../../../../src/core/error.ts";
import { listJournal } from "../../../../src/host/journal.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { App } from "../../../../src/session/app.ts";
import type { PreparedPlan } from "../../../../src/session/decide/prepare-plan.ts";
import { mayLeave, watchSession } from "../../../../src/session/run/watched-session.ts";
import { aPlan } from "../../../support/manifests.ts";
import { aWorld } from "../../../support/temporary.ts";

/** What the journal has during it, and after it ended so. */
async function watch(end: () => Promise<void>) {
  const world = { ...(await aWorld()), stdin: {}, stdout: {}, stderr: {} };
  const app = { world, selfCommand: ["true"] } as unknown as App;
  const prepared = { plan: aPlan({ workspace: undefined }), repositories: [] } as unknown as PreparedPlan;
  const entries = () => listJournal(stateFolder(world));
  const during: object[] = [];
  const failure = watchSession(app, prepared, async () => {
    during.push(...(await entries()));
    return end();
  }).catch((error: unknown) => error);
  return { failure: await failure, during, after: (await entries()).length };
}

const away = () => Promise.reject(new BottleError({ code: "engine-unreachable", message: "gone" }));

test("it is noted as no session of the user's before it begins, and forgotten when it has ended", async () => {
  const { failure, during, after } = await watch(() => Promise.resolve());
  expect(failure).toBeUndefined();
  expect(during).toMatchObject([{ isProbe: true, hasTranscript: false, state: "starting" }]);
  expect(after).toBe(0);
});

test("it stays noted where something of it may have stayed", async () => {
  expect((await watch(away)).after).toBe(1);
  const own = await watch(() => Promise.reject(new Error("x")));
  expect([String(own.failure), own.after]).toEqual(["Error: x", 0]);
});

test.each([
  ["the engine away", new BottleError({ code: "engine-unreachable", message: "gone" }), true],
  ["what could not be undone", new BottleError({ code: "session", message: "x", leavesBehind: true }), true],
  ["nothing", new BottleError({ code: "session", message: "x" }), false],
  ["a fault of ours", new Error("x"), false],
])("the entry of a session that failed stays for the next command with %s", (_name, error, stays) => {
  expect(mayLeave(error)).toBe(stays);
});
