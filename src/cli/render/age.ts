/** How long ago something was, as people say it. */

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** `42s`, `5m`, `3h`, `2d`: the largest unit that fits. */
export function renderAge(since: string, now: number): string {
  const age = Math.max(0, now - Date.parse(since));
  if (Number.isNaN(age)) return "";
  const [unit, size] = units.find(([, one]) => age >= one) ?? ["s", 1_000];
  return `${Math.floor(age / size)}${unit}`;
}
