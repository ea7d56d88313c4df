import { describe, expect, test } from "bun:test";
import { compareContracts } from "../../../scripts/lib/filter-contract/compare.ts";
import type { Contract, ExchangeAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import { readContract } from "../../../scripts/lib/filter-contract/files.ts";

const record = await readContract("2.3.0");

/** The record with one exchange of it changed. */
function withExchange(
  group: string,
  name: string,
  change: (answer: ExchangeAnswer) => ExchangeAnswer,
): Contract {
  const some = record.exchanges[group] ?? {};
  const answer = some[name];
  if (!answer) throw new Error(`The record has no "${group} / ${name}"`);
  return { ...record, exchanges: { ...record.exchanges, [group]: { ...some, [name]: change(answer) } } };
}

const answerOf = (answer: ExchangeAnswer) => (typeof answer.answer === "object" ? answer.answer : undefined);

describe("compareContracts()", () => {
  test("finds nothing between a record and itself", () => {
    expect(compareContracts(record, record)).toEqual({ matters: [], words: [] });
  });

  test.each([
    [
      "another verdict",
      (one: ExchangeAnswer) => ({ ...one, answer: { ...answerOf(one)!, status: "HTTP/1.1 403 Forbidden" } }),
    ],
    [
      "another body of what passes",
      (one: ExchangeAnswer) => ({ ...one, answer: { ...answerOf(one)!, body: "cut" } }),
    ],
    ["another thing that arrives", (one: ExchangeAnswer) => ({ ...one, upstream: [] })],
    ["another end of the connection", (one: ExchangeAnswer) => ({ ...one, end: "closed" as const })],
  ])("says that %s matters", (_what, change) => {
    const { matters, words } = compareContracts(record, withExchange("plain", "listed", change));
    expect(matters).toEqual([expect.stringContaining("plain / listed: ")]);
    expect(words).toEqual([]);
  });

  test("tells other words of a refusal and other lines of the log apart from that", () => {
    const reworded = withExchange("plain", "not listed", (one) => ({
      ...one,
      log: [],
      answer: { ...answerOf(one)!, body: "no" },
    }));
    const { matters, words } = compareContracts(record, reworded);
    expect(matters).toEqual([]);
    expect(words).toEqual([expect.stringContaining("plain / not listed: ")]);
  });

  test("says that a reload which is taken now, or a configuration that is refused now, matters", () => {
    const [taken] = Object.values(record.reloads);
    const looser = "looser: a trusted name";
    const refused = Object.values(record.configurations).find((one) => one.exitCode === 1);
    const empty = "as the product writes it";
    if (!taken || !refused) throw new Error("The record has neither");
    const other = {
      ...record,
      reloads: { ...record.reloads, [looser]: taken },
      configurations: { ...record.configurations, [empty]: refused },
    };
    expect(compareContracts(record, other).matters).toEqual([
      `check / ${empty}: exit code 0 -> exit code 1`,
      `reload / ${looser}: refused -> taken`,
    ]);
  });
});
