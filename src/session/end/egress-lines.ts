/** One line for each thing that happened at a bottle's way out. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { escapeForTerminal, renderBytes, renderJson } from "../../core/text.ts";

/** For people: time, verdict, where to, why. The engine's clock is shown to the second, in UTC as in its own log. */
export function renderEgressLine(record: EgressRecord, hasColor: boolean): string {
  const time = record.time.slice(0, 19).replace("T", " ");
  const where = record.host === undefined ? "" : `${record.host}${record.port ? `:${record.port}` : ""}`;
  const text = [where, describe(record)].filter(Boolean).join("  ");
  return `${time}  ${paintVerdict(record, hasColor)}  ${escapeForTerminal(text)}\n`;
}

/** For scripts: the record as it is, without what is unknown. */
export function renderEgressJson(record: EgressRecord): string {
  const { time, source, kind, ...rest } = record;
  return `${renderJson({ time, source, kind, ...rest })}\n`;
}

/** True for what `--blocked` shows. */
export function isBlocked(record: EgressRecord): boolean {
  return record.verdict === "refused";
}

function describe(record: EgressRecord): string {
  if (record.kind === "closed") {
    const seconds = ((record.durationMs ?? 0) / 1000).toFixed(1);
    return `${renderBytes(record.sentBytes ?? 0)} out, ${renderBytes(record.receivedBytes ?? 0)} in, ${seconds} s`;
  }
  const by = record.source === "pipelock" ? "pipelock: " : "";
  const code = record.code === undefined || record.kind === "policy" ? "" : `${record.code}: `;
  return `${by}${code}${record.reason ?? ""}`.replace(/: $/, "");
}

const words = { allowed: "allowed", refused: "blocked" } as const;
const colors = { allowed: 32, refused: 31 } as const;

function paintVerdict({ verdict, kind }: EgressRecord, hasColor: boolean): string {
  const word = (verdict === undefined ? kind : words[verdict]).padEnd(7);
  return hasColor && verdict ? `\u001b[${colors[verdict]}m${word}\u001b[39m` : word;
}
