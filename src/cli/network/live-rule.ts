/** What a running bottle's sidecar noted about one host: the last change that concerns it, and the last attempt. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { matchesHostPattern } from "../../core/host-name.ts";

export interface LiveTrace {
  /** The newest that names the pair and is in force; undefined where the rules of the start decide */
  readonly change: EgressRecord | undefined;
  readonly attempt: EgressRecord | undefined;
}

/** As the gate decides: the newest change that names a pair goes before all others, and one whose time is over is none. */
export function traceHost(records: readonly EgressRecord[], host: string, port: number): LiveTrace {
  let changes: EgressRecord[] = [];
  let attempt: EgressRecord | undefined;
  for (const record of records) {
    if (record.kind === "policy") changes = putChange(changes, record);
    else if (isAttempt(record) && record.host === host && record.port === port) attempt = record;
  }
  const change = changes.findLast(
    (one) => one.host !== undefined && one.port === port && matchesHostPattern(host, one.host),
  );
  return { change, attempt };
}

function putChange(changes: readonly EgressRecord[], record: EgressRecord): EgressRecord[] {
  const others = changes.filter((one) => one.host !== record.host || one.port !== record.port);
  return record.code === "expired" || record.code === "undone" ? others : [...others, record];
}

function isAttempt({ kind, verdict }: EgressRecord): boolean {
  return verdict !== undefined && (kind === "attempt" || kind === "blocked");
}
