/** The doctor's results as text. */
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { countOf, foldText } from "../../core/text.ts";

const verdictWidth = "warning".length;
const titleWidth = "Known holes".length;
/** A narrower column would be harder to read than what the terminal makes of long lines */
const leastRoom = 40;

/**
 * `broken   Engine       what is wrong`, and below it `hint: what to do`, as under an error. Folded at `width` where that is not too narrow.
 * The texts are escaped where they are made.
 */
export function renderCheck(
  { verdict, title, detail, lines = [], remedy }: CheckResult,
  width = Number.POSITIVE_INFINITY,
): string {
  const head = `${verdict.padEnd(verdictWidth)}  ${title.padEnd(titleWidth)}  `;
  const room = Math.max(width - head.length, leastRoom);
  const hint = remedy === undefined ? [] : [`hint: ${remedy}`];
  const [first, ...others] = [detail, ...lines, ...hint].flatMap((line) => foldText(line, room));
  return [head + first, ...others.map((line) => " ".repeat(head.length) + line), ""].join("\n");
}

/** How many are broken, warned of and not checked, as a sentence for people. */
export function renderSummary(results: readonly CheckResult[]): string {
  const count = (verdict: CheckResult["verdict"]) => results.filter((one) => one.verdict === verdict).length;
  const [broken, warnings, skipped] = [count("broken"), count("warning"), count("skipped")];
  const rest = [
    ...(warnings > 0 ? [countOf(warnings, "warning")] : []),
    ...(skipped > 0 ? [`${skipped} not checked`] : []),
  ];
  const first = broken > 0 ? `${broken} broken` : "Nothing is broken";
  return `${[first, ...rest].join(", ")}.\n`;
}
