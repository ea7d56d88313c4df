/** Audit events as JSON lines on stdout; what people read goes to stderr. */

export interface LogOptions {
  includeAllowed: boolean;
  includeBlocked: boolean;
}

/** What an event is about */
export interface LogContext {
  readonly method: string;
  readonly url?: string;
  readonly target?: string;
  readonly clientIp: string;
  readonly requestId: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** MITRE techniques by scanner, as far as the stand-in's scanners have one */
const techniques: Readonly<Record<string, string>> = {
  allowlist: "T1071.001",
  blocklist: "T1071.001",
  body_dlp: "T1048",
  context: "T1190",
  core_dlp: "T1048",
  crlf_injection: "T1190",
  dlp: "T1048",
  entropy: "T1048",
  header_dlp: "T1048",
  length: "T1048",
  parser: "T1190",
  path_traversal: "T1083",
  ratelimit: "T1030",
  response_scan: "T1059",
  scheme: "T1071",
  sni_mismatch: "T1090.004",
  ssrf: "T1046",
  subdomain_entropy: "T1048",
  tls_authority_mismatch: "T1090.004",
  tls_handshake_error: "T1573",
  tls_intercept: "T1557",
  tls_response_blocked: "T1659",
};

/** Scanners whose URL holds the secret itself; the others are logged in clear, also by the real program */
const redacted = new Set(["dlp", "body_dlp", "header_dlp", "response_scan"]);

export class Log {
  options: LogOptions;
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void, options: LogOptions) {
    this.#write = write;
    this.options = options;
  }

  event(level: "info" | "warn" | "error", event: string, fields: Fields, message: string): void {
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    this.#write(`${JSON.stringify({ level, component: "pipelock", event, ...fields, time, message })}\n`);
  }

  blocked(context: LogContext, scanner: string, reason: string): void {
    if (!this.options.includeBlocked) return;
    const shown =
      redacted.has(scanner) && context.url ? { ...context, url: redactUrl(context.url) } : context;
    const fields = { ...describe(shown), scanner, reason, agent: "anonymous", ...technique(scanner) };
    this.event("warn", "blocked", fields, "request blocked");
  }

  anomaly(context: LogContext, scanner: string, reason: string): void {
    const fields = {
      ...describe(context),
      agent: "anonymous",
      scanner,
      ...technique(scanner),
      reason,
      score: 0,
    };
    this.event("warn", "anomaly", fields, "anomaly detected");
  }

  error(context: Fields | LogContext, error: unknown): void {
    const about = "requestId" in context ? describe(context as LogContext) : context;
    const text = error instanceof Error ? error.message : String(error);
    this.event("error", "error", { ...about, error: text }, "request error");
  }

  /** `tunnel_open`, `tunnel_close`, `forward_http`, `allowed` */
  allowed(event: string, context: LogContext, fields: Fields, message: string): void {
    if (!this.options.includeAllowed) return;
    const { method, ...about } = describe(context) as Record<string, unknown>;
    const isTunnel = event.startsWith("tunnel_");
    const all = { ...(isTunnel ? {} : { method }), ...about, agent: "anonymous", ...fields };
    this.event("info", event, all, message);
  }

  secret(event: "body_dlp" | "header_dlp", context: LogContext, fields: Fields): void {
    const about = { ...describe(context), ...fields, agent: "anonymous", ...technique(event) };
    this.event("warn", event, about, `request ${event.slice(0, -4)} DLP scan hit`);
  }

  wrongServerName(context: LogContext, host: string, sent: string, category: string): void {
    const fields = {
      connect_host: host,
      sni_host: sent,
      client_ip: context.clientIp,
      request_id: context.requestId,
      agent: "anonymous",
      category,
      ...technique("sni_mismatch"),
    };
    this.event("warn", "sni_mismatch", fields, "SNI verification failed");
  }
}

function technique(scanner: string): Fields {
  const known = techniques[scanner];
  return known === undefined ? {} : { mitre_technique: known };
}

function describe(context: LogContext): Fields {
  return {
    method: context.method,
    ...(context.url === undefined ? {} : { url: context.url }),
    ...(context.target === undefined ? {} : { target: context.target }),
    client_ip: context.clientIp,
    request_id: context.requestId,
  };
}

/** Scheme and host only. */
export function redactUrl(url: string): string {
  const start = /^[a-z]+:\/\/[^/?#]+/i.exec(url)?.[0];
  return start === undefined ? "[redacted-url]" : `${start}/[redacted]`;
}
