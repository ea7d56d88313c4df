import { describe, expect, test } from "bun:test";
import { parseEgressRecord } from "../../../src/protocol/egress-record.ts";
import { parseJournalEntry } from "../../../src/protocol/journal-entry.ts";
import { parseProcessOwner } from "../../../src/protocol/process-owner.ts";
import { parseReceipt } from "../../../src/protocol/receipt.ts";
import { aReceipt } from "../../support/receipts.ts";

const owner = { bootId: "b", pid: 7, startTime: "8" };
const entry = {
  schema: 1,
  session: "k3f9q2",
  bottleName: "hello-k3f9q2",
  agent: "hello",
  owner,
  environment: { DOCKER_HOST: "unix:///x" },
  workspace: {
    directory: "/w",
    repositories: [{ path: "", objectFormat: "sha1", head: "a", tips: ["a"] }],
  },
  hasTranscript: true,
  state: "running",
  startedAt: "2026-01-01T00:00:00.000Z",
};

describe("what lies on the disk", () => {
  test("is read as it was written", () => {
    const receipt = aReceipt({ session: "a", exitCode: 3 });
    expect(parseJournalEntry(JSON.stringify(entry))).toEqual(entry as never);
    expect(parseReceipt(JSON.stringify(receipt))).toEqual(JSON.parse(JSON.stringify(receipt)));
    expect(parseProcessOwner(JSON.stringify(owner))).toEqual(owner);
  });

  test("keeps what a later version has added, so that an older one takes nothing from it", () => {
    const later = { ...entry, added: { by: "later" } };
    expect(parseJournalEntry(JSON.stringify(later))).toEqual(later as never);
    const receipt = { ...aReceipt({ session: "a" }), added: 1 };
    expect(parseReceipt(JSON.stringify(receipt))).toMatchObject({ added: 1 });
  });

  test.each([
    ["another schema", { ...entry, schema: 2 }],
    ["no owner", { ...entry, owner: undefined }],
    ["an owner without a process", { ...entry, owner: { bootId: "b" } }],
    ["a workspace that is a text", { ...entry, workspace: "/w" }],
    ["a state of its own", { ...entry, state: "gone" }],
    ["variables that are no texts", { ...entry, environment: { A: 1 } }],
  ])("is no journal entry with %s", (_, value) => {
    expect(parseJournalEntry(JSON.stringify(value))).toBeUndefined();
  });

  test.each(["", "null", "[]", "{", '"x"'])("is nothing at all as %j", (text) => {
    expect(parseJournalEntry(text)).toBeUndefined();
    expect(parseReceipt(text)).toBeUndefined();
    expect(parseProcessOwner(text)).toBeUndefined();
    expect(parseEgressRecord(text)).toBeUndefined();
  });

  test("is a record of egress only with a time, a source and a kind", () => {
    const record = { time: "t", source: "gate", kind: "attempt", verdict: "refused", host: "h", port: 1 };
    expect(parseEgressRecord(JSON.stringify(record))).toEqual(record as never);
    expect(parseEgressRecord(JSON.stringify({ ...record, source: "x" }))).toBeUndefined();
    expect(parseEgressRecord(JSON.stringify({ ...record, time: 1 }))).toBeUndefined();
  });

  test("of a secret is a record with what happened to it, of each kind and of no other", () => {
    const secret = { name: "KEY", host: "h.test", where: "body", count: 2, first: "t", time: "t" };
    const record = (verdict: string) => ({
      time: "t",
      source: "gate",
      kind: "secret",
      secret: { ...secret, verdict },
    });
    for (const verdict of ["used", "blocked", "returned"])
      expect(parseEgressRecord(JSON.stringify(record(verdict)))).toEqual(record(verdict) as never);
    expect(parseEgressRecord(JSON.stringify(record("seen")))).toBeUndefined();
  });
});
