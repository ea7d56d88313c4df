/** The egress of a session: from its sidecar while it runs, from its record afterwards. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { join } from "node:path";
import { parseEgressRecord } from "../../protocol/egress-record.ts";
import { findText } from "../../host/files.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import type { App } from "../app.ts";

/** A log of this size is read in less */
const timeLimitMs = 10_000;

/** All so far. */
export async function readRunningEgress(app: App, session: string): Promise<EgressRecord[]> {
  const bottles = await app.openBottles();
  const records: EgressRecord[] = [];
  const request = { session, isFollowing: false, signal: AbortSignal.timeout(timeLimitMs) };
  for await (const record of bottles.readEgress(request)) records.push(record);
  return records;
}

/** Nothing where none was kept. */
export async function* readKeptEgress(world: World, session: string): AsyncGenerator<EgressRecord> {
  const path = join(recordFolder(stateFolder(world), session), "egress.jsonl");
  for (const line of ((await findText(path)) ?? "").split("\n")) {
    const record = parseEgressRecord(line);
    if (record) yield record;
  }
}
