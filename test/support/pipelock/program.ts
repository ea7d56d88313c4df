/** The running program's state, and its log. */
import type { ExchangeAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import type { Config } from "./config.ts";
import { swap } from "./recorded.ts";
import type { Swaps } from "./recorded.ts";

export interface Program {
  /** Replaced by a reload; a handler takes it once */
  config: Config;
  readonly startedAt: number;
  /** Everything is denied; SIGUSR1 toggles it */
  isSwitchedOff: boolean;
  requests: number;
}

/** A request, and the texts that the record has of one like it. */
export interface Asked {
  readonly id: string;
  readonly client: string;
}

export function beginRequest(program: Program, client: string): Asked {
  program.requests += 1;
  return { id: `req-${program.requests}`, client: client.replace(/^::ffff:/, "") };
}

/** Says again what the record has of an exchange, about this one; `which` leaves out lines that belong to another moment. */
export function logAs(
  { log }: ExchangeAnswer,
  asked: Asked,
  swaps: Swaps,
  which: (line: string) => boolean = () => true,
): void {
  for (const line of log.filter(which)) logLine(line, swaps, asked);
}

/** One recorded line, with what the record leaves out: the time, and the number of a request. */
export function logLine(line: string, swaps: Swaps, asked?: Asked): void {
  const parsed = JSON.parse(line) as Record<string, unknown>;
  const event: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    if (key === "message") event["time"] = `${new Date().toISOString().slice(0, 19)}Z`;
    event[key] = typeof value === "string" ? (swaps[`=${value}`] ?? swap(value, swaps)) : value;
    if (key === "client_ip" && asked) {
      event[key] = asked.client;
      event["request_id"] = asked.id;
    }
  }
  writeEvent(event);
}

function writeEvent(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
