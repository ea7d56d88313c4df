/** The record of the real program, and how what it said once is said again about another host, port or address. */
import type { Contract, ExchangeAnswer, HttpAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import record from "../../contract/pipelock/2.3.0.json";

export const contract = record as unknown as Contract;

/** Text of the record → what stands for it now; with a = in front of it only where it is the whole value in an event */
export type Swaps = Readonly<Record<string, string>>;

export function recorded(group: string, name: string): ExchangeAnswer {
  const found = contract.exchanges[group]?.[name];
  if (!found) throw new Error(`The record has no "${group} / ${name}"`);
  return found;
}

/** A part of the record that is lines. */
export function recordedLife(name: string): readonly string[] {
  return contract.life[name] ?? [];
}

/** Swaps all at once, longer texts first, so that nothing is swapped twice. */
export function swap(text: string, swaps: Swaps): string {
  const words = Object.keys(swaps)
    .filter((word) => !word.startsWith("="))
    .toSorted((one, other) => other.length - one.length);
  if (words.length === 0) return text;
  const pattern = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return text.replaceAll(new RegExp(pattern, "g"), (word) => swaps[word] ?? word);
}

/** A recorded answer of the program's own as bytes; the lengths are those of what is said now. */
export function renderAnswer(answer: HttpAnswer | string | undefined, swaps: Swaps, isLast: boolean): string {
  if (typeof answer !== "object") throw new Error("The record has no answer there");
  const body = swap(answer.body, swaps);
  const headers = answer.headers.filter(
    (line) => !/^(?:content-length|connection|transfer-encoding):/i.test(line),
  );
  // Only what is no HTTP is answered without a length; one that is not in the record is another at every run
  const hasLength = !answer.headers.includes("Connection: close") || isMeasured(answer);
  return [
    answer.status,
    ...headers.map((line) => swap(line, swaps)),
    `Date: ${new Date().toUTCString()}`,
    ...(hasLength ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...(isLast || !hasLength ? ["Connection: close"] : []),
    "",
    body,
  ].join("\r\n");
}

function isMeasured({ headers }: HttpAnswer): boolean {
  return headers.some((line) => line.startsWith("Content-Length:"));
}
