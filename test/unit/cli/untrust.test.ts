import { expect, test } from "bun:test";
import { join } from "node:path";
import { command } from "../../../src/cli/commands/untrust.ts";
import { approvalKey, findApproval, saveApproval, stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aCommandHome } from "../../support/run-command.ts";

/** Two agents of the manifest here were approved, and one of another project that has the name of the first. */
async function approved() {
  const { app, home, run } = await aCommandHome({ "claude-bottle.json": "{}" });
  const folder = stateFolder(app.world);
  const here = [join(home, "claude-bottle.json")];
  const all = [
    { agent: "one", files: here },
    { agent: "two", files: here },
    { agent: "one", files: ["/elsewhere/claude-bottle.json"] },
  ];
  for (const { agent, files } of all)
    await saveApproval(folder, approvalKey(agent, files), {
      agent,
      files,
      policy: [],
      digest: "d",
      approvedAt: "2026-01-01T00:00:00.000Z",
    });
  const left = async () => {
    const found = await Promise.all(
      all.map(({ agent, files }) => findApproval(folder, approvalKey(agent, files))),
    );
    return found.map((one) => one !== undefined);
  };
  return { left, untrust: (args: Readonly<Record<string, unknown>>) => run(command, args) };
}

test.each([
  [{ agent: "one" }, [false, true, true], "No longer approved: one\n"],
  [{}, [false, false, true], "No longer approved: one, two\n"],
  [{ all: true }, [false, false, false], "No longer approved: one, two, one\n"],
  [{ agent: "other" }, [true, true, true], "Nothing was approved.\n"],
] as const)("with %j takes back what is meant, and no more", async (args, expected, told) => {
  const { left, untrust } = await approved();
  expect((await untrust(args)).stderr).toBe(told);
  expect(await left()).toEqual([...expected]);
});

test("takes no agent beside --all, and then takes nothing back", async () => {
  const { left, untrust } = await approved();
  expect((await failureOf(untrust({ agent: "one", all: true }))).exitCode).toBe(2);
  expect(await left()).toEqual([true, true, true]);
});
