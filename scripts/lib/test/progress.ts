/** How far a run of the tests is, for somebody who waits for it. */

export interface Progress {
  beginTier(tier: string): void;
  begin(file: string): void;
  end(file: string): void;
  /** `engine 12 of 46, 3 min 20 s gone, about 9 min left: test/engine/doctor.test.ts` */
  render(): string;
}

interface Planned {
  readonly tier: string;
  readonly file: string;
  /** Expected seconds */
  readonly seconds: number;
}

/**
 * What is left is what is expected of it, times how this run compares with what was expected so far. `now` is in seconds.
 */
export function makeProgress(planned: readonly Planned[], now: () => number): Progress {
  const begun = now();
  const expected = new Map(planned.map((one) => [keyOf(one.tier, one.file), one.seconds]));
  const ended = new Set<string>();
  const running = new Set<string>();
  let tier = "";
  const sum = (keys: Iterable<string>) =>
    [...keys].reduce((total, key) => total + (expected.get(key) ?? 0), 0);
  return {
    beginTier: (name) => void (tier = name),
    begin: (file) => void running.add(file),
    end(file) {
      running.delete(file);
      ended.add(keyOf(tier, file));
    },
    render() {
      const gone = now() - begun;
      const done = sum(ended);
      const left = sum(expected.keys()) - done;
      const own = planned.filter((one) => one.tier === tier);
      const count = own.filter((one) => ended.has(keyOf(tier, one.file))).length;
      const rest = done > 0 ? `, about ${renderSeconds((left * gone) / done)} left` : "";
      const names = [...running].join(", ");
      return `${tier} ${count} of ${own.length}, ${renderSeconds(gone)} gone${rest}${names === "" ? "" : `: ${names}`}`;
    },
  };
}

function keyOf(tier: string, file: string): string {
  return `${tier}/${file}`;
}

/** `45 s`, `3 min 20 s`, `1 h 5 min` */
export function renderSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.round((whole % 3_600) / 60)} min`;
}
