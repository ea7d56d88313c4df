/** The answer of `why` in words, and as JSON for scripts. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { HostAnswer } from "../../plan/judge-host.ts";
import { plainPort, sshPort, tlsPort } from "../../plan/judge-host.ts";

export interface WhyAnswer extends HostAnswer {
  readonly host: string;
  /** The bottle that runs; undefined for an agent of the manifest */
  readonly bottle: string | undefined;
  readonly lastAttempt: EgressRecord | undefined;
}

/** Ends with a line break. */
export function renderAnswer(answer: WhyAnswer): string {
  const { verdict, host, port, reason, source, advice, lastAttempt } = answer;
  const place = source === undefined ? [] : [`rule: ${source.file}:${source.line}:${source.column}`];
  const tried =
    lastAttempt === undefined
      ? []
      : [
          `last tried ${lastAttempt.time.slice(0, 19).replace("T", " ")} UTC: ${[lastAttempt.verdict === "refused" ? "blocked" : "allowed", lastAttempt.code, lastAttempt.reason].filter(Boolean).join(", ")}`,
        ];
  const lines = [`${verdict}  ${host}:${port}`, `  ${reason}`].concat(
    [...place, ...tried, ...advice, ...renderCommands(answer)].map((line) => `  ${line}`),
  );
  return lines.map((line) => `${escapeForTerminal(line)}\n`).join("");
}

/** For scripts, without what is unknown. */
export function describeAnswer(answer: WhyAnswer): object {
  const { host, port, verdict, reason, source, bottle, advice, lastAttempt } = answer;
  return { host, port, verdict, reason, rule: source, bottle, advice, lastAttempt };
}

function renderCommands({ verdict, bottle, host, port, needsPrivate, advice }: WhyAnswer): string[] {
  if (verdict === "allowed" || bottle === undefined || port === sshPort || advice.length === 0) return [];
  const pair = port === tlsPort ? host : `${host}:${port}`;
  const command = needsPrivate
    ? commandLine`claude-bottle allow ${bottle} ${pair} --private`
    : commandLine`claude-bottle allow ${bottle} ${pair}`;
  const other = port === tlsPort || port === plainPort ? "" : "  (with --http or --tcp for what is not TLS)";
  return [`For this session: ${command}${other}`];
}
