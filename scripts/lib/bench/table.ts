/** Alternating measurements of two sides, and the one table that they end up in. */

export interface Sample {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: "ms" | "MB/s" | "MiB" | "s";
  readonly sample: Sample;
  /** What the other side is, where it is not the docker CLI */
  readonly rival?: string;
  /** Which share of the values counts; the median by default */
  readonly share?: number;
  /** What the ratio should be: at most, or at least for a rate */
  readonly goal?: number;
  /** What our value should be at most, where there is no rival */
  readonly limit?: number;
}

/** Runs both sides in turn, which side first changing with every round, after one round that does not count. */
export async function measure(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Sample> {
  const sample = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const isOursFirst = round % 2 === 0;
    const first = isOursFirst ? await ours() : await theirs();
    const second = isOursFirst ? await theirs() : await ours();
    if (round === 0) continue;
    sample.ours.push(isOursFirst ? first : second);
    sample.theirs.push(isOursFirst ? second : first);
  }
  return sample;
}

export const tableHead = ["| what | ours | the other | ratio | goal |", "|---|---|---|---|---|"].join("\n");

/** Markdown: what, our median and spread, theirs, the ratio of the medians, and the goal with whether it is met. */
export function renderRow({ what, unit, sample, rival, share = 0.5, goal, limit }: Row): string {
  const { ours, theirs } = sample;
  const ratio = percentile(ours, share) / percentile(theirs, share);
  const isRate = unit === "MB/s";
  const isMet = goal === undefined || (isRate ? ratio >= goal : ratio <= goal);
  const wanted = goal === undefined ? "" : `${isRate ? "≥" : "≤"} ${goal.toFixed(1)}: ${tell(isMet)}`;
  const bound = limit === undefined ? "" : `≤ ${limit} ${unit}: ${tell(percentile(ours, share) <= limit)}`;
  const other =
    theirs.length === 0 ? "" : `${renderSpread(theirs, share)}${rival === undefined ? "" : `, ${rival}`}`;
  const cells = [`${what}, ${unit}`, renderSpread(ours, share), other];
  return `| ${[...cells, theirs.length === 0 ? "" : ratio.toFixed(2), wanted || bound].join(" | ")} |`;
}

function tell(isMet: boolean): string {
  return isMet ? "met" : "missed";
}

/** `median (min to max)`, or another share of the values in the median's place. */
function renderSpread(values: readonly number[], share = 0.5): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${round(percentile(values, share))} (${round(low)} to ${round(high)})`;
}

/** The value below which this share of the values lies; 0.5 is the median. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

function round(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}
