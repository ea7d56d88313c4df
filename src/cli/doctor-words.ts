/** The doctor's results as text. */
import type { CheckResult } from "../bottle/diagnosis.ts";
import { countOf } from "../core/text.ts";

const verdictWidth = "warning".length;
const titleWidth = "Known holes".length;

/** `broken   Engine       what is wrong`, and below it `hint: what to do`, as under an error. The texts are escaped where they are made. */
export function renderCheck({ verdict, title, detail, lines = [], remedy }: CheckResult): string {
  const head = `${verdict.padEnd(verdictWidth)}  ${title.padEnd(titleWidth)}  `;
  const below = [...lines, ...(remedy === undefined ? [] : [`hint: ${remedy}`])];
  return [head + detail, ...below.map((line) => " ".repeat(head.length) + line), ""].join("\n");
}

export function renderSummary(results: readonly CheckResult[]): string {
  const count = (verdict: CheckResult["verdict"]) => results.filter((one) => one.verdict === verdict).length;
  const [broken, warnings, skipped] = [count("broken"), count("warning"), count("skipped")];
  const rest = [
    ...(warnings > 0 ? [countOf(warnings, "warning")] : []),
    ...(skipped > 0 ? [`${skipped} not looked at`] : []),
  ];
  const first = broken > 0 ? `${broken} broken` : "Nothing is broken";
  return `${[first, ...rest].join(", ")}.\n`;
}
