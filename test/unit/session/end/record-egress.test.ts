import { expect, test } from "bun:test";
import { join } from "node:path";
import { recordFolder } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { World } from "../../../../src/host/world.ts";
import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { keepEgress, mergeEgress } from "../../../../src/session/end/record-egress.ts";
import type { EgressSummary } from "../../../../src/session/end/record-egress.ts";
import { aJournalEntry } from "../../../support/journal-entries.ts";
import { aWorld } from "../../../support/temporary.ts";

const use = { name: "TOKEN", host: "git.test", verdict: "used", count: 2, first: "t1", last: "t2" } as const;
const seen = {
  reached: ["git.test:443"],
  refused: [{ host: "evil.test", port: 443, reason: "", count: 9 }],
  secrets: [use],
};
/** After an agent has made so much noise that nothing of before is in the log any more */
const washed: EgressSummary = { reached: [], refused: ["noise.test:443"], ledger: [] };

test("what the launcher saw is in the record though the log has lost it", () => {
  expect(mergeEgress(seen, washed)).toEqual({
    reached: ["git.test:443"],
    refused: ["evil.test:443", "noise.test:443"],
    ledger: [use],
  });
});

test("a log that is gone leaves what the launcher saw", () => {
  expect(mergeEgress(seen, undefined).ledger).toEqual([use]);
  expect(mergeEgress({ ...seen, secrets: [] }, { ...washed, ledger: [use] }).ledger).toEqual([use]);
});

test("a host that carries something secret is not written down", () => {
  const label = "ghp_0123456789abcdefghijABCDEFGHIJ456789";
  const secrets = [{ ...use, verdict: "blocked" as const, host: `${label}.evil.test` }];
  const text = JSON.stringify(
    mergeEgress({ reached: [`${label}.git.test:443`], refused: [], secrets }, washed),
  );
  expect(text).not.toContain(label);
  expect(text).toContain("evil.test");
});

test("of the log each host and port is summed up once, reached and refused apart, and a secret's way is in the ledger", async () => {
  const record = { time: "t", source: "gate", port: 443 } as const;
  const records: EgressRecord[] = [
    { ...record, kind: "attempt", verdict: "allowed", host: "git.test" },
    { ...record, kind: "closed", verdict: "allowed", host: "git.test" },
    { ...record, kind: "attempt", verdict: "refused", host: "evil.test" },
    { ...record, kind: "attempt", verdict: "refused" },
    { ...record, kind: "secret", verdict: "allowed", host: "api.test", secret: { ...use, time: "t2" } },
  ];
  const world = { ...(await aWorld()), cwd: "/" };
  const summary = await keepEgress(world as unknown as World, aJournalEntry(), records);
  expect(summary).toEqual({ reached: ["git.test:443"], refused: ["evil.test:443"], ledger: [use] });
  const path = join(recordFolder(stateFolder(world), "k3f9q2"), "egress.jsonl");
  expect((await Bun.file(path).text()).trim().split("\n")).toHaveLength(records.length);
  expect(await keepEgress(world as unknown as World, aJournalEntry(), undefined)).toBeUndefined();
});
