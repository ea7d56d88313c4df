/** The hosts of one bottle as somebody decides on them: what the agent asks for first, then what was blocked, then what was changed. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { matchesHostPattern } from "../../core/host-name.ts";
import { notesOnHost } from "../../plan/describe-ask.ts";

export interface InboxRow {
  readonly kind: "asked" | "blocked" | "allowed" | "denied";
  /** As the agent wrote it where it was blocked; hostile */
  readonly host: string;
  readonly port: number;
  /** What is spoken there, if that is known and not TLS */
  readonly protocol?: "http" | "tcp" | undefined;
  /** How often it was blocked */
  readonly count: number;
  /** Why it was blocked, or what the agent wants it for; hostile */
  readonly reason: string;
  /** What a yes would mean */
  readonly notes: readonly string[];
}

/** An agent tries as many as it likes, and nobody reads more */
const maxRows = 100;
const order = { asked: 0, blocked: 1, denied: 2, allowed: 3 } as const;

type Draft = Omit<InboxRow, "notes">;

/** From all records of a bottle, oldest first. */
export function readInbox(records: readonly EgressRecord[]): readonly InboxRow[] {
  const rows = new Map<string, Draft>();
  for (const record of records) note(rows, record);
  return [...rows.values()]
    .toSorted((a, b) => order[a.kind] - order[b.kind])
    .slice(0, maxRows)
    .map((row) => ({ ...row, notes: [...notesOnProtocol(row), ...notesOnHost(row.host)] }));
}

function note(rows: Map<string, Draft>, record: EgressRecord): void {
  const { kind, host, port, code, reason = "", verdict } = record;
  if (host === undefined || port === undefined || kind === "secret") return;
  // A yes here would be for the whole host
  if (code === "rule" || code === "account" || record.rules !== undefined) return;
  const key = `${host}:${port}`;
  const known = rows.get(key);
  const put = (of: InboxRow["kind"], more: Partial<Draft> = {}) =>
    rows.set(key, {
      host,
      port,
      count: known?.count ?? 0,
      ...protocolOf(record, known),
      reason,
      ...more,
      kind: of,
    });
  if (kind === "ask" && code === "open") put("asked");
  else if (kind === "ask" && known?.kind === "asked") settle(rows, key, known);
  else if (kind === "policy") change(rows, record, put);
  else if (verdict === "refused" && known?.kind !== "asked" && known?.kind !== "denied")
    put("blocked", { count: (known?.count ?? 0) + 1 });
  else if (verdict === "refused" && known) rows.set(key, { ...known, count: known.count + 1 });
}

function protocolOf({ protocol, code }: EgressRecord, known: Draft | undefined): Pick<Draft, "protocol"> {
  const found = protocol ?? (code === "plain-http" ? "http" : known?.protocol);
  return found === undefined ? {} : { protocol: found };
}

function notesOnProtocol({ protocol }: Draft): string[] {
  if (protocol === undefined) return [];
  return [
    protocol === "http"
      ? "plain http: the filter reads it, and others on the way can"
      : "any protocol: nothing looks at it",
  ];
}

/** A change answers what was blocked; one that is taken back leaves it as it was before. */
function change(
  rows: Map<string, Draft>,
  { code, host = "", port }: EgressRecord,
  put: (of: InboxRow["kind"]) => void,
) {
  if (code === "allow") {
    for (const [key, one] of rows)
      if (one.port === port && one.host !== host && matchesHostPattern(one.host, host)) rows.delete(key);
    return void put("allowed");
  }
  if (code === "deny") return void put("denied");
  const known = rows.get(`${host}:${port}`);
  if (known) settle(rows, `${host}:${port}`, known);
}

function settle(rows: Map<string, Draft>, key: string, known: Draft): void {
  if (known.count > 0) rows.set(key, { ...known, kind: "blocked" });
  else rows.delete(key);
}
