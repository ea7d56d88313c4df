/** Records of a sidecar's log. */

/** A refused attempt at `a.test:443`. */
export function anEgressRecord(differences: Partial<EgressRecord> = {}): EgressRecord {
  return {
    time: "2026-01-01T10:00:00.000Z",
    source: "gate",
    kind: "attempt",
    verdict: "refused",
    host: "a.test",
    port: 443,
    code: "not-allowed",
    reason: "it is not on the allowlist",
    sentBytes: undefined,
    receivedBytes: undefined,
    durationMs: undefined,
    ...differences,
  };
}

/** A change to the policy, or the end of a timed one. */
export function aPolicyRecord(code: "allow" | "deny" | "expired", host: string, port = 443): EgressRecord {
  return anEgressRecord({ kind: "policy", verdict: undefined, code, host, port, reason: code });
}

/** As a platform gives them. */
export async function* recordStream(records: readonly EgressRecord[]): AsyncGenerator<EgressRecord> {
  yield* records;
}
import type { EgressRecord } from "../../src/protocol/egress-record.ts";
