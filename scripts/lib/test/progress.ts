/** How far a run of the tests is, for somebody who waits for it. */

export interface Progress {
  beginTier(tier: string): void;
  begin(file: string): void;
  end(file: string): void;
  /** `engine 12 of 46, 3 min 20 s gone, about 9 min left: test/engine/doctor.test.ts` */
  render(): string;
}

export interface PlannedFile {
  readonly tier: string;
  readonly file: string;
  /** How long it is expected to take */
  readonly seconds: number;
  /** How many run side by side */
  readonly beside: number;
}

/** What is left is what is expected of it, times how this run compares with what was expected so far. `now` is in seconds. */
export function makeProgress(planned: readonly PlannedFile[], now: () => number): Progress {
  const begun = now();
  const files = new Map(planned.map((one) => [keyOf(one.tier, one.file), one]));
  const ended = new Set<string>();
  const running = new Map<string, number>();
  let tier = "";
  /** In seconds of what was expected, so far */
  const doneOf = ([key, { seconds, beside }]: readonly [string, PlannedFile]) => {
    if (ended.has(key)) return seconds / beside;
    const at = running.get(key);
    return at === undefined ? 0 : Math.min(now() - at, seconds) / beside;
  };
  const renderRest = (gone: number) => {
    const done = sum([...files].map(doneOf));
    const all = sum(planned.map(({ seconds, beside }) => seconds / beside));
    return done > 0 ? `, about ${renderSeconds(((all - done) * gone) / done)} left` : "";
  };
  return {
    beginTier: (name) => void (tier = name),
    begin: (file) => void running.set(keyOf(tier, file), now()),
    end(file) {
      running.delete(keyOf(tier, file));
      ended.add(keyOf(tier, file));
    },
    render() {
      const gone = now() - begun;
      const own = planned.filter((one) => one.tier === tier);
      const count = own.filter((one) => ended.has(keyOf(tier, one.file))).length;
      const names = [...running.keys()].map((key) => files.get(key)?.file ?? "").join(", ");
      const what = names === "" ? "" : `: ${names}`;
      return `${tier} ${count} of ${own.length}, ${renderSeconds(gone)} gone${renderRest(gone)}${what}`;
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
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
