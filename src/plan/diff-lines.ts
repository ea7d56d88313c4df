/** What differs between two texts, line by line. */

export interface ChangedLine {
  readonly sign: "+" | "-";
  /** 1-based, in the text that has it */
  readonly line: number;
  readonly text: string;
}

/** More pairs of lines are not compared: all of the old is said to be gone and all of the new to be added */
const maxPairs = 1_000_000;

/** In the order of the new text, what is gone before what stands in its place. */
export function diffLines(before: readonly string[], after: readonly string[]): ChangedLine[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const gone = before.slice(head, before.length - tail);
  const came = after.slice(head, after.length - tail);
  const kept = gone.length * came.length > maxPairs ? [] : findKept(gone, came);
  const changed: ChangedLine[] = [];
  let [old, now] = [0, 0];
  for (const [oldEnd, nowEnd] of [...kept, [gone.length, came.length] as const]) {
    for (; old < oldEnd; old += 1) changed.push({ sign: "-", line: head + old + 1, text: gone[old] ?? "" });
    for (; now < nowEnd; now += 1) changed.push({ sign: "+", line: head + now + 1, text: came[now] ?? "" });
    old += 1;
    now += 1;
  }
  return changed;
}

/** Places of a longest common subsequence, in both. */
function findKept(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const width = after.length + 1;
  // At `i * width + j`: how many lines the rests from i and from j have in common
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      common[at] =
        before[i] === after[j]
          ? (common[at + width + 1] ?? 0) + 1
          : Math.max(common[at + width] ?? 0, common[at + 1] ?? 0);
    }
  }
  const kept: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length;) {
    if (before[i] === after[j]) kept.push([i++, j++]);
    else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return kept;
}
