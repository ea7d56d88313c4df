/** Where the time of a command went, as lines for people and for scripts. */
import type { Timing } from "../../core/time/timings.ts";
import { countOf } from "../../core/text.ts";

const barWidth = 30;

export interface TimingCounts {
  readonly engineCalls: number;
  readonly containers: number;
  readonly execs: number;
  /** On this machine */
  readonly programs: number;
}

/** What does not depend on the machine. */
export function countTimings(timings: readonly Timing[]): TimingCounts {
  const asked = (what: string) => timings.filter((one) => one.kind === "engine" && one.what === what).length;
  return {
    engineCalls: timings.filter((one) => one.kind === "engine").length,
    containers: asked("POST /containers/…/start"),
    execs: asked("POST /exec/…/start"),
    programs: timings.filter((one) => one.kind !== "engine").length,
  };
}

/** A line for each step, with a bar that shows when it was; `wholeMs` is the command's own time. */
export function renderTimings(timings: readonly Timing[], wholeMs: number): string {
  const { engineCalls, containers, execs, programs } = countTimings(timings);
  const head = [
    `${Math.round(wholeMs)} ms`,
    countOf(engineCalls, "engine call"),
    `${countOf(containers, "container")} started`,
    countOf(execs, "exec"),
    `${countOf(programs, "program")} here`,
  ].join(", ");
  const lines = timings.map((one) => {
    const to = one.to ?? wholeMs;
    const took = one.to === undefined ? "open" : `${Math.round(to - one.from)} ms`;
    return `${String(Math.round(one.from)).padStart(7)}  ${took.padStart(8)}  ${drawBar(one.from, to, wholeMs)}  ${one.kind.padEnd(7)}  ${one.what}`;
  });
  return `Timings: ${head}\n${["  began      took", ...lines].map((line) => `${line}\n`).join("")}`;
}

function drawBar(from: number, to: number, whole: number): string {
  const place = (time: number) => Math.min(barWidth, Math.floor((time / Math.max(whole, 1)) * barWidth));
  const [first, last] = [Math.min(place(from), barWidth - 1), place(to)];
  return `${" ".repeat(first)}${"#".repeat(Math.max(1, last - first))}`.padEnd(barWidth);
}

/** An object a line: the counts first, then each step. Times are in milliseconds. */
export function renderTimingLines(timings: readonly Timing[], wholeMs: number): string {
  const round = (time: number | undefined) => (time === undefined ? null : Math.round(time * 10) / 10);
  const objects: unknown[] = [
    { timings: 1, ms: round(wholeMs), ...countTimings(timings) },
    ...timings.map(({ kind, what, from, to }) => ({ kind, what, from: round(from), to: round(to) })),
  ];
  return objects.map((one) => `${JSON.stringify(one)}\n`).join("");
}
