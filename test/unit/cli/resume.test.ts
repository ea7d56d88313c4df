import { expect, test } from "bun:test";
import type { App } from "../../../src/cli/app.ts";
import { command } from "../../../src/cli/commands/resume.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aWorld } from "../../support/temporary.ts";

test("a session whose folder is gone is not resumed, and it is said which folder", async () => {
  const world = await aWorld();
  const workspace = `${world.home}/moved-away`;
  await writeReceipt(stateFolder(world), {
    schema: 1,
    session: "k3f9q2",
    bottleName: "hello-k3f9q2",
    agent: "hello",
    bottle: "b",
    policyDigest: "",
    image: "",
    versions: { claudeBottle: "", claude: "", engine: "" },
    runtime: "runc",
    workspace,
    secrets: [],
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: undefined,
    end: "ended",
    exitCode: 0,
    note: undefined,
    reached: [],
    refused: [],
    broughtBack: [],
    files: ["transcript"],
    claudeSession: "00000000-0000-0000-0000-000000000000",
    problems: [],
  });
  const data = { app: { world, settings: {} } as unknown as App, rest: [] };
  const run = async () =>
    command.run?.({ args: { session: "k3f9q2" }, rawArgs: [], cmd: command, data } as never);
  expect((await failureOf(run())).message).toBe(
    `Cannot resume session k3f9q2: its folder "${workspace}" is gone`,
  );
});
