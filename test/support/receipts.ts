/** A record of a session, as a session that ended leaves it. */
import type { Receipt } from "../../src/protocol/receipt.ts";

/** Of a session that has a transcript and brought nothing back. */
export function aReceipt(differences: Partial<Receipt> = {}): Receipt {
  const session = differences.session ?? "k3f9q2";
  return {
    schema: 1,
    session,
    bottleName: `hello-${session}`,
    agent: "hello",
    bottle: "b",
    policyDigest: "d",
    image: "i",
    versions: { claudeBottle: "1", claude: "2", engine: "3" },
    runtime: "runc",
    workspace: undefined,
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
    ...differences,
  };
}
