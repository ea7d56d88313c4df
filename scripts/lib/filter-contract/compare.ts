/** Two records side by side: which differences change what a bottle can do, and which are other words for the same. */
import type { Contract, ExchangeAnswer, HttpAnswer } from "./contract.ts";
import { parse } from "./normalise.ts";

export interface Comparison {
  readonly matters: readonly string[];
  readonly words: readonly string[];
}

/** Compares everything that either has. */
export function compareContracts(one: Contract, other: Contract): Comparison {
  const matters: string[] = [];
  const words: string[] = [];
  for (const [place, before, after] of pairUp(one, other)) {
    const [meansBefore, meansAfter] = [meaningOf(before), meaningOf(after)];
    if (meansBefore !== meansAfter) matters.push(`${place}: ${meansBefore} -> ${meansAfter}`);
    else if (JSON.stringify(before) !== JSON.stringify(after))
      words.push(`${place}: ${firstDifference(before, after)}`);
  }
  return { matters, words };
}

type Pair = readonly [place: string, before: unknown, after: unknown];

function pairUp(one: Contract, other: Contract): Pair[] {
  const exchanges = pairKeys(one.exchanges, other.exchanges, "").flatMap(([group, before, after]) =>
    pairKeys((before ?? {}) as object, (after ?? {}) as object, `${group} / `),
  );
  return [
    ["image", one.image, other.image] as const,
    ...pairKeys(one.configurations, other.configurations, "check / "),
    ...exchanges,
    ...pairKeys(one.reloads, other.reloads, "reload / "),
    ...pairKeys(one.life, other.life, "life / "),
  ];
}

function pairKeys(one: object, other: object, prefix: string): Pair[] {
  const [before, after] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.map((key) => [`${prefix}${key}`, before[key], after[key]]);
}

/** What a bottle notices of it. */
function meaningOf(value: unknown): string {
  if (value === undefined) return "not recorded";
  if (Array.isArray(value))
    return String(value.find((line: string) => line.startsWith("exit code")) ?? value.length);
  const record = value as Record<string, unknown>;
  if ("exitCode" in record) return `exit code ${String(record["exitCode"])}`;
  if ("upstream" in record) return describeExchange(record as unknown as ExchangeAnswer);
  if ("stderr" in record) return eventsOf(record["log"]).includes("config_reload") ? "taken" : "refused";
  return JSON.stringify(value);
}

function describeExchange({ connect, tls, answer, end, upstream }: ExchangeAnswer): string {
  const arrived = upstream.map((one) => one.split("\n")[0]);
  return [describe(connect), tls?.split(":")[0], describe(answer), end, ...arrived]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** The body of an answer that passed is what the agent gets. */
function describe(answer: HttpAnswer | string | undefined): string | undefined {
  if (answer === undefined || typeof answer === "string") return answer;
  const status = answer.status.split(" ")[1] ?? "";
  return status.startsWith("2") ? `${status} ${JSON.stringify(answer.body)}` : status;
}

function eventsOf(log: unknown): string[] {
  return (log as string[]).map((line) => String(parse(line)?.["event"]));
}

/** The first place where two values differ, short. */
function firstDifference(before: unknown, after: unknown): string {
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null)
    return `${show(before)} -> ${show(after)}`;
  for (const [key, one, other] of pairKeys(before, after, "")) {
    if (JSON.stringify(one) !== JSON.stringify(other)) return `${key}: ${firstDifference(one, other)}`;
  }
  return "the order";
}

function show(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 300);
}
