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

function renderSpread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${round(median(values))} (${round(low)} to ${round(high)})`.padEnd(22);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? 0)) / 2;
}

function round(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
