/** The sidecar's log as it is at the end of a session, written to the record before the sidecar goes. */
import { join } from "node:path";
import type { BottleFactory } from "../bottle/bottle.ts";
import type { EgressRecord } from "../bottle/live.ts";
import { makeLedger } from "../core/secret-ledger.ts";
import type { SecretUse } from "../core/secret-ledger.ts";
import { writeAtomically } from "../host/files.ts";
import type { JournalEntry } from "../host/journal.ts";
import { recordFolder } from "../host/session-records.ts";
import { stateFolder } from "../host/state.ts";
import type { World } from "../host/world.ts";
import { renderEgressJson } from "./egress-lines.ts";

/** The end of a session waits no longer for it */
const timeLimitMs = 3_000;
const maxPairs = 1_000;

export interface EgressSummary {
  readonly reached: readonly string[];
  readonly refused: readonly string[];
  readonly ledger: readonly SecretUse[];
}

/** Never throws: a sidecar that is gone has nothing to tell, and then nothing is written. */
export async function recordEgress(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
): Promise<EgressSummary | undefined> {
  if (entry.state === "starting") return undefined;
  const records: EgressRecord[] = [];
  const request = { bottle: entry.bottleName, isFollowing: false, signal: AbortSignal.timeout(timeLimitMs) };
  try {
    for await (const record of factory.readEgress(request)) records.push(record);
    const path = join(recordFolder(stateFolder(world), entry.session), "egress.jsonl");
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

function listPairs(records: readonly EgressRecord[], verdict: EgressRecord["verdict"]): string[] {
  const pairs = records.flatMap((record) =>
    record.verdict === verdict && record.kind !== "secret" && record.host !== undefined
      ? [`${record.host}:${record.port ?? ""}`]
      : [],
  );
  return [...new Set(pairs)].slice(0, maxPairs);
}
