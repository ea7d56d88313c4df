/** The sidecar's log as it is at the end of a session, written to the record before the sidecar goes. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { join } from "node:path";
import type { SeenEgress } from "../../bottle/bottle.ts";
import { redactHost } from "../../core/redact.ts";
import { makeLedger } from "../../core/secret-ledger.ts";
import type { SecretUse } from "../../core/secret-ledger.ts";
import { writeAtomically } from "../../host/files.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import { renderEgressJson } from "./egress-lines.ts";

/** The end of a session waits no longer for it */
const timeLimitMs = 3_000;
const maxPairs = 1_000;

export interface EgressSummary {
  readonly reached: readonly string[];
  readonly refused: readonly string[];
  readonly ledger: readonly SecretUse[];
}

/** The log, read while the sidecar is there. Never throws: one that is gone has nothing to tell. */
export async function readSessionEgress(
  bottles: Bottles,
  { session, state }: JournalEntry,
): Promise<EgressRecord[] | undefined> {
  if (state === "starting") return undefined;
  const records: EgressRecord[] = [];
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    for await (const record of bottles.readSessionEgress(session, signal)) records.push(record);
  } catch {
    return undefined;
  }
  return records;
}

/** Writes it to the record. Never throws; what was not read or cannot be written is not summed up either. */
export async function keepEgress(
  world: World,
  { session }: JournalEntry,
  records: EgressRecord[] | undefined,
): Promise<EgressSummary | undefined> {
  if (!records) return undefined;
  try {
    const path = join(recordFolder(stateFolder(world), session), "egress.jsonl");
    await writeAtomically(path, records.map(renderEgressJson).join(""));
  } catch {
    return undefined;
  }
  return {
    reached: listPairs(records, "allowed"),
    refused: listPairs(records, "refused"),
    ledger: makeLedger(records.flatMap(({ secret }) => secret ?? [])),
  };
}

/**
 * What the launcher saw with its own eyes goes before what the log holds at the end: the log is kept small, and an agent that makes
 * enough noise can have anything washed out of it.
 */
export function mergeEgress(seen: SeenEgress, logged: EgressSummary | undefined): EgressSummary {
  const refused = seen.refused.map((one) => `${one.host}:${one.port}`);
  const secrets = seen.secrets.map((use) => ({ ...use, host: redactHost(use.host) }));
  return {
    reached: unite(seen.reached.map(redactHost), logged?.reached),
    refused: unite(refused.map(redactHost), logged?.refused),
    ledger: secrets.length > 0 ? secrets : (logged?.ledger ?? []),
  };
}

function unite(some: readonly string[], others: readonly string[] = []): string[] {
  return [...new Set([...some, ...others])].slice(0, maxPairs);
}

function listPairs(records: readonly EgressRecord[], verdict: EgressRecord["verdict"]): string[] {
  const pairs = records.flatMap((record) =>
    record.verdict === verdict && record.kind !== "secret" && record.host !== undefined
      ? [`${record.host}:${record.port ?? ""}`]
      : [],
  );
  return [...new Set(pairs)].slice(0, maxPairs);
}
