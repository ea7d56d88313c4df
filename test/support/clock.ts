/** A clock that tests move by hand. */
import type { Schedule } from "../../src/sidecar/gate/policy.ts";

export interface Clock {
  readonly schedule: Schedule;
  advance(milliseconds: number): void;
}

export function makeClock(): Clock {
  let now = 0;
  const due = new Map<object, { readonly at: number; readonly act: () => void }>();
  return {
    schedule(milliseconds, act) {
      const key = {};
      due.set(key, { at: now + milliseconds, act });
      return () => void due.delete(key);
    },
    advance(milliseconds) {
      now += milliseconds;
      for (const [key, one] of [...due].toSorted(([, a], [, b]) => a.at - b.at)) {
        if (one.at > now || !due.delete(key)) continue;
        one.act();
      }
    },
  };
}
