/** Alternating measurements of two sides, and how they are printed. */

export interface Sample {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
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

/** One line: what, our median and spread, theirs, and the ratio of the medians. */
export function renderRow(title: string, { ours, theirs }: Sample): string {
  const ratio = median(ours) / median(theirs);
  return `${title.padEnd(36)} ours ${renderSpread(ours)}  docker CLI ${renderSpread(theirs)}  ratio ${ratio.toFixed(2)}`;
}

export function renderSpread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${round(median(values))} (${round(low)} to ${round(high)})`.padEnd(22);
}

/** The value below which this share of the values lies; 0.5 is the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function round(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
