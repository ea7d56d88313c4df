/** What a run of faults came to, as a table. */
import type { Outcome } from "./trial.ts";

const head = [
  "runtime",
  "fault",
  "faults",
  "leftovers",
  "worst s to no bottle",
  "to no container",
  "terminal not restored",
  "work lost",
] as const;

/** Failed if anything is left, a terminal is not as before, or work is not on the host. */
export function isSound({ leftovers, damage, isWorkBack }: Outcome): boolean {
  return leftovers.length === 0 && damage === undefined && isWorkBack !== false;
}

/** One row for each runtime and blow, and one for all. */
export function renderTable(byRuntime: ReadonlyMap<string, readonly Outcome[]>): string {
  const rows = [...byRuntime].flatMap(([runtime, outcomes]) => {
    const groups = Map.groupBy(outcomes, (one) => describeGroup(one));
    return [...groups].map(([group, some]) => [runtime, group, ...summarize(some)]);
  });
  const total = ["all", "all", ...summarize([...byRuntime.values()].flat())];
  return renderRows([[...head], ...rows, total]);
}

function describeGroup({ fault }: Outcome): string {
  return `${fault.blow}, ${fault.moment.at === "call" ? "at a request" : "in the session"}`;
}

function summarize(outcomes: readonly Outcome[]): string[] {
  const worst = (times: readonly number[]) => (Math.max(0, ...times) / 1000).toFixed(1);
  return [
    String(outcomes.length),
    String(outcomes.reduce((sum, one) => sum + one.leftovers.length, 0)),
    worst(outcomes.map((one) => one.bottleMs)),
    worst(outcomes.map((one) => one.allMs)),
    String(outcomes.filter((one) => one.damage !== undefined).length),
    `${outcomes.filter((one) => one.isWorkBack === false).length} of ${outcomes.filter((one) => one.isWorkBack !== undefined).length}`,
  ];
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const [first = [], ...others] = rows;
  return [line(first), rule, ...others.map(line)].join("\n");
}
