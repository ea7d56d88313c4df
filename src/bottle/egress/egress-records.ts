/** From the log lines of gate and pipelock to records for people and scripts, with credentials taken out. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { adviseOnFinding, describeFinding } from "../describe-finding.ts";
import { hostText, text } from "./record-text.ts";
import { isTrap, readTrap } from "./trap-records.ts";

type Fields = Readonly<Record<string, unknown>>;

const empty = {
  verdict: undefined,
  host: undefined,
  port: undefined,
  code: undefined,
  reason: undefined,
  sentBytes: undefined,
  receivedBytes: undefined,
  durationMs: undefined,
} as const;

/** A record of a gate event; undefined for those that only the launcher needs. */
export function readGateRecord(time: string, event: GateEvent): EgressRecord | undefined {
  const base = { ...empty, time, source: "gate" as const };
  switch (event.event) {
    case "attempt":
      return readAttempt(base, event);
    case "closed":
      return {
        ...base,
        kind: "closed",
        ...pair(event.host, event.port),
        sentBytes: count(event.sentBytes),
        receivedBytes: count(event.receivedBytes),
        durationMs: count(event.durationMs),
      };
    case "api":
      return {
        ...base,
        kind: "api",
        verdict: event.status === 403 ? "refused" : "allowed",
        reason: text(`${event.method} ${event.path} answered ${event.status}`),
      };
    case "secret":
      return readSecretRecord(base, event);
    case "finding":
      return readFindingRecord(base, event);
    case "ask":
      return readAskRecord(base, event);
    case "policy":
      return { ...base, kind: "policy", ...pair(event.host, event.port), ...describePolicy(event) };
    case "filter":
      return { ...base, kind: "filter", ...describeFilter(event) };
    case "dropped":
      return { ...base, kind: "note", reason: text(`${event.count} events were not written`) };
    case "fatal":
      return { ...base, kind: "note", code: "fatal", reason: text(event.message) };
    default:
      return isTrap(event) ? { ...base, kind: event.event, ...readTrap(event) } : undefined;
  }
}

function readAttempt(
  base: Omit<EgressRecord, "kind">,
  event: Extract<GateEvent, { event: "attempt" }>,
): EgressRecord {
  return {
    ...base,
    kind: "attempt",
    verdict: event.verdict,
    ...pair(event.host, event.port),
    code: text(event.code),
    reason: text(event.reason),
    ...(event.by === undefined ? {} : { by: text(event.by) }),
    ...(event.request === undefined ? {} : { request: text(event.request) }),
  };
}

/** The reason is the agent's, and what became of it is the code. */
function readAskRecord(
  base: Omit<EgressRecord, "kind">,
  { host, port, state, reason, protocol }: Extract<GateEvent, { event: "ask" }>,
): EgressRecord {
  const kind = protocol === undefined ? {} : { protocol };
  return { ...base, kind: "ask", ...pair(host, port), ...kind, code: text(state), reason: text(reason) };
}

/** `verdict` says whether the value went out, or in: what was tried elsewhere was a placeholder, and that was passed on or refused as it is. */
function readSecretRecord(
  base: Omit<EgressRecord, "kind">,
  { name, host, verdict, where, count, first, time }: Extract<GateEvent, { event: "secret" }>,
): EgressRecord {
  const what = {
    used: `${name} was used`,
    blocked: `the placeholder of ${name} was sent in ${where}`,
    returned: `${name} came back and was removed`,
  };
  const times = count === 1 ? "" : ` (${count} times)`;
  return {
    ...base,
    kind: "secret",
    verdict: verdict === "used" ? "allowed" : "refused",
    host: hostText(host),
    code: text(verdict),
    reason: text(`${what[verdict]}${times}`),
    secret: {
      time,
      name,
      host: hostText(host),
      verdict,
      ...(where === undefined ? {} : { where }),
      count,
      first,
    },
  };
}

function readFindingRecord(
  base: Omit<EgressRecord, "kind">,
  event: Extract<GateEvent, { event: "finding" }>,
): EgressRecord {
  const { verdict, host, count } = event;
  const times = count === 1 ? "" : ` (${count} times)`;
  const end = {
    blocked: `; ${adviseOnFinding(event)}`,
    told: "; let through: such secrets are public or for tests",
    allowed: "; let through, as the manifest says",
  };
  return {
    ...base,
    kind: "blocked",
    verdict: verdict === "blocked" ? "refused" : "allowed",
    ...pair(host, 443),
    code: "secret",
    reason: `${describeFinding(event)}${times}${end[verdict]}`.slice(0, 600),
  };
}

type Described = Pick<EgressRecord, "code" | "reason" | "rules">;

function describePolicy(event: Extract<GateEvent, { event: "policy" }>): Described {
  if (event.by === "undo") return { code: "undone", reason: "taken back by the user; the manifest decides" };
  const by = event.by === "expiry" ? "its time is over" : "by the user";
  const until = event.until === undefined ? "" : ` until ${event.until}`;
  const part = event.rules ? ` in part: ${event.rules.allow.join("; ")}` : "";
  const verb = event.action === "allow" ? `allowed${part}` : "denied";
  const code = text(event.by === "expiry" ? "expired" : event.action);
  return { code, reason: text(`${verb} ${by}${until}`), ...(event.rules && { rules: event.rules.allow }) };
}

function describeFilter({ state, problem }: Extract<GateEvent, { event: "filter" }>): Described {
  const reason = state === "healthy" ? "pipelock is verified again" : `pipelock: ${problem}`;
  return { code: text(state), reason: text(reason) };
}

/** pipelock's verdicts; what it let through stands in the gate's records already, and what it says of every opened tunnel is no news. */
export function readPipelockRecord(time: string, event: Fields): EgressRecord | undefined {
  if (isNoise(event)) return undefined;
  const base = { ...empty, time, source: "pipelock" as const, ...target(event) };
  const verdict = event["action"] === undefined || event["action"] === "block" ? "refused" : "allowed";
  switch (event["event"]) {
    case "blocked":
      return {
        ...base,
        kind: "blocked",
        verdict: "refused",
        code: text(event["scanner"]),
        reason: reasonText(event["reason"]),
      };
    case "body_dlp":
    case "header_dlp":
    case "response_scan":
      return {
        ...base,
        kind: "blocked",
        verdict,
        code: text(event["event"]),
        reason: text(`found ${[event["patterns"] ?? []].flat().map(String).join(", ") || "a pattern"}`),
      };
    case "sni_mismatch":
      return {
        ...base,
        kind: "blocked",
        verdict: "refused",
        code: "sni_mismatch",
        ...(typeof event["connect_host"] === "string" ? { host: hostText(event["connect_host"]) } : {}),
        reason: text(event["category"]),
      };
    case "anomaly":
    case "error":
      return {
        ...base,
        kind: "note",
        code: text(event["scanner"] ?? event["event"]),
        reason: text(event["reason"] ?? event["error"]),
      };
    case "config_reload":
      return { ...base, kind: "note", code: "config_reload", reason: text(event["status"]) };
    default:
      return undefined;
  }
}

/** For each tunnel whose TLS it opens pipelock notes that it does, and at the end that the connection was closed already. */
function isNoise({ event, scanner, method, error }: Fields): boolean {
  if (event === "anomaly") return scanner === "tls_intercept";
  return (
    event === "error" && method === "close" && String(error).includes("use of closed network connection")
  );
}

/** pipelock's own words with names of patterns behind them, which read like a secret with its value */
const namedPatterns = /^(request body contains secret: )([A-Za-z0-9 ,-]+)$/;

function reasonText(reason: unknown): string | undefined {
  const [, words = "", names = ""] = namedPatterns.exec(String(reason)) ?? [];
  return words === "" ? text(reason) : `${words}${text(names)}`;
}

/** `target` is host:port, `url` a whole address of which host and port are enough to tell where it went. */
function target(event: Fields): { host: string | undefined; port: number | undefined } {
  const written = String(event["target"] ?? event["url"] ?? "");
  const match = /^(?:(https?):\/\/)?(?:[^/@]*@)?([^/:?#@]+)(?::(\d{1,5}))?/i.exec(written);
  if (!match?.[2]) return { host: undefined, port: undefined };
  const scheme = match[1]?.toLowerCase();
  const fallback = scheme === "http" ? 80 : scheme === "https" ? 443 : undefined;
  return { host: hostText(match[2]), port: match[3] === undefined ? fallback : Number(match[3]) };
}

function pair(host: unknown, port: unknown): { host: string | undefined; port: number | undefined } {
  return { host: hostText(host), port: count(port) };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
