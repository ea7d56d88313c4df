import type { EgressRecord } from "../../../src/protocol/egress-record.ts";
import { describe, expect, test } from "bun:test";
import { command } from "../../../src/cli/commands/why.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aPolicyRecord, anEgressRecord, recordStream } from "../../support/egress-records.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../support/journal-entries.ts";
import { aFolder } from "../../support/temporary.ts";
import { aCommandHome } from "../../support/run-command.ts";

const manifest = `{
  "bottles": { "b": { "egress": { "allowlist": ["listed.invalid"] } } },
  "agents": { "hello": { "bottle": "b" } }
}
`;

async function why(agent: string, host: string, records: readonly EgressRecord[] = [], isJson = false) {
  const { app, run } = await aCommandHome(
    { "claude-bottle.json": manifest },
    {
      list: async () => [aRunningBottle({ session: "k3f9q2" })],
      readEgress: () => recordStream(records),
    },
  );
  await writeEntries(stateFolder(app.world), [aJournalEntry({ session: "k3f9q2" })]);
  return run(command, { agent, host, json: isJson });
}

describe("why", () => {
  test("names file and line of the rule, and succeeds", async () => {
    const { stdout, exitCode } = await why("hello", "listed.invalid");
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("allowed  listed.invalid:443\n");
    expect(stdout).toContain("rule: ~/claude-bottle.json:2:49");
  });

  test("says what to write for a host without a rule, and fails", async () => {
    const { stdout, exitCode } = await why("hello", "other.invalid");
    expect(exitCode).toBe(1);
    expect(stdout).toStartWith("blocked  other.invalid:443\n  no rule names it\n");
    expect(stdout).toContain('"allowlist": ["other.invalid"]');
  });

  test("of a running bottle says what was changed since, and what to type", async () => {
    const blocked = await why("hello-k3f9q2", "listed.invalid", [aPolicyRecord("deny", "listed.invalid")]);
    expect([blocked.exitCode, blocked.stdout]).toEqual([
      1,
      "blocked  listed.invalid:443\n  you blocked it since 2026-01-01 10:00:00 UTC\n" +
        "  Allow it again to open it.\n  For this session: claude-bottle allow hello-k3f9q2 listed.invalid\n",
    ]);
    const allowed = await why("hello-k3f9q2", "x.invalid", [aPolicyRecord("allow", "x.invalid")]);
    expect(allowed.exitCode).toBe(0);
    const over = await why("hello-k3f9q2", "x.invalid", [
      aPolicyRecord("allow", "x.invalid"),
      aPolicyRecord("expired", "x.invalid"),
    ]);
    expect(over.exitCode).toBe(1);
  });

  test("of a running bottle goes by the manifest of the folder that it was started in", async () => {
    const project = await aFolder({
      "claude-bottle.json": manifest.replace("listed.invalid", "elsewhere.invalid"),
    });
    const { app, run } = await aCommandHome(
      {},
      { list: async () => [aRunningBottle()], readEgress: () => recordStream([]) },
    );
    const workspace = { directory: project, repositories: [] };
    await writeEntries(stateFolder(app.world), [aJournalEntry({ workspace })]);
    const ask = (agent: string) => run(command, { agent, host: "elsewhere.invalid" });
    expect((await ask("hello-k3f9q2")).stdout).toContain(`rule: ${project}/claude-bottle.json:2:`);
    expect((await failureOf(ask("other"))).message).toStartWith("Cannot find a manifest");
  });

  test("tells of the last attempt, so that a terminal obeys nothing in it", async () => {
    const record = anEgressRecord({ host: "x.invalid", reason: "because\u001b[2J" });
    const { stdout } = await why("hello-k3f9q2", "x.invalid", [record]);
    expect(stdout).toContain("last tried 2026-01-01 10:00:00 UTC: blocked, not-allowed, because\\x1b[2J");
  });

  test("answers scripts", async () => {
    const { stdout } = await why("hello", "listed.invalid:22", [], true);
    expect(JSON.parse(stdout)).toMatchObject({
      host: "listed.invalid",
      port: 22,
      verdict: "blocked",
      rule: { line: 2 },
    });
  });

  test.each([
    ["hepler", "a.invalid", 'Cannot find agent "hepler": the manifest has no agent of that name'],
    ["hello", "a.invalid:0", 'Cannot use "a.invalid:0": 0 is not a port'],
    ["hello", "a.invalid:70000", 'Cannot use "a.invalid:70000": 70000 is not a port'],
    [
      "hello",
      "https://a.invalid",
      'Cannot use "https://a.invalid" as a host: it has a scheme; write the host alone',
    ],
  ])("refuses %s %s", async (agent, host, message) => {
    expect((await failureOf(why(agent, host))).message).toBe(message);
  });
});
