/** The answer of `why` in words, and as JSON for scripts. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { HostAnswer } from "../../plan/judge-host.ts";
import type { RequestQuestion } from "../../plan/judge-request.ts";
import { plainPort, sshPort, tlsPort } from "../../plan/judge-host.ts";

export interface WhyAnswer extends HostAnswer {
  readonly host: string;
  /** The bottle that runs; undefined for an agent of the manifest */
  readonly bottle: string | undefined;
  readonly lastAttempt: EgressRecord | undefined;
  /** What was asked about, if that is one request */
  readonly request?: RequestQuestion | undefined;
}

/** Ends with a line break. */
export function renderAnswer(answer: WhyAnswer): string {
  const { verdict, host, port, reason, source, advice, lastAttempt, request } = answer;
  const place = source === undefined ? [] : [`rule: ${source.file}:${source.line}:${source.column}`];
  const tried =
    lastAttempt === undefined
      ? []
      : [
          `last tried ${lastAttempt.time.slice(0, 19).replace("T", " ")} UTC: ${[lastAttempt.verdict === "refused" ? "blocked" : "allowed", lastAttempt.code, lastAttempt.reason].filter(Boolean).join(", ")}`,
        ];
  const what = request ? `${request.method} ${host}${request.target}` : `${host}:${port}`;
  const lines = [`${verdict}  ${what}`, `  ${reason}`].concat(
    [...place, ...tried, ...advice, ...renderCommands(answer)].map((line) => `  ${line}`),
  );
  return lines.map((line) => `${escapeForTerminal(line)}\n`).join("");
}

/** For scripts, without what is unknown. */
export function describeAnswer(answer: WhyAnswer): object {
  const { host, port, request, verdict, reason, source, bottle, advice, lastAttempt } = answer;
  return { host, port, request, verdict, reason, rule: source, bottle, advice, lastAttempt };
}

function renderCommands(answer: WhyAnswer): string[] {
  const { verdict, bottle, host, port, needsPrivate, advice, request } = answer;
  if (verdict === "allowed" || bottle === undefined || port === sshPort || advice.length === 0) return [];
  const whole = port === tlsPort ? host : `${host}:${port}`;
  const path = request?.target.split("?")[0] ?? "";
  const pair = request ? `${request.method} ${host}${path}` : whole;
  const command = needsPrivate
    ? commandLine`claude-bottle allow ${bottle} ${pair} --private`
    : commandLine`claude-bottle allow ${bottle} ${pair}`;
  const other = port === tlsPort || port === plainPort ? "" : "  (with --http or --tcp for what is not TLS)";
  return [`For this session: ${command}${other}`];
}
