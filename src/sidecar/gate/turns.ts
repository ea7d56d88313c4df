/** So many at a time, the rest in a queue that ends: for work that costs the filter far more memory than it costs the asker. */
import { Refusal } from "./refusal.ts";

export interface Turns {
  /** Resolves with a function that gives the turn back. Rejects with a `Refusal` if too many wait already. */
  take(): Promise<() => void>;
}

/** Makes a queue for `atOnce` holders and `waiting` more. */
export function makeTurns(atOnce: number, waiting: number): Turns {
  let free = atOnce;
  const queue: (() => void)[] = [];
  const giveBack = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  const once = () => {
    let isHeld = true;
    return () => {
      if (isHeld) giveBack();
      isHeld = false;
    };
  };
  return {
    take() {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(once());
      }
      if (queue.length >= waiting)
        return Promise.reject(
          new Refusal("too-many", `${atOnce + waiting} requests of this kind are open`, 503),
        );
      return new Promise((resolve) => queue.push(() => resolve(once())));
    },
  };
}
