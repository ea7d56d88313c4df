import { expect, test } from "bun:test";
import type { App } from "../../../src/session/app.ts";
import { command } from "../../../src/cli/commands/resume.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aWorld } from "../../support/temporary.ts";

test("a session whose folder is gone is not resumed, and it is said which folder", async () => {
  const world = await aWorld();
  const workspace = `${world.home}/moved-away`;
  await writeReceipt(stateFolder(world), aReceipt({ workspace }));
  const data = { app: { world, settings: {} } as unknown as App, rest: [] };
  const run = async () =>
    command.run?.({ args: { session: "k3f9q2" }, rawArgs: [], cmd: command, data } as never);
  expect((await failureOf(run())).message).toBe(
    `Cannot resume session k3f9q2: its folder "${workspace}" is gone`,
  );
});
