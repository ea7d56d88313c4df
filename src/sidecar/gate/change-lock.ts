/** One change at a time: the processes that change a policy touch pipelock's file too, and the gate is what they all talk to. */
import { GateFailure } from "./failure.ts";
import type { Schedule } from "./policy.ts";

/** A holder that died must not block the others for long; a change takes seconds at most */
const longestHoldMs = 40_000;
const maxWaiting = 32;

export interface ChangeLock {
  /** Calls `granted` when it is this one's turn. Throws if too many wait. */
  take(id: string, granted: () => void): void;
  /** Ends the turn of this one, or its waiting for one; nobody else's. */
  release(id: string): void;
}

/** Makes a lock that nobody holds. */
export function makeChangeLock(schedule: Schedule): ChangeLock {
  const waiting: { readonly id: string; readonly granted: () => void }[] = [];
  let holder: { readonly id: string; readonly cancel: () => void } | undefined;
  const next = () => {
    holder?.cancel();
    const first = waiting.shift();
    holder = first && { id: first.id, cancel: schedule(longestHoldMs, next) };
    first?.granted();
  };
  return {
    take(id, granted) {
      if (waiting.length >= maxWaiting) throw new GateFailure("too many changes are under way");
      waiting.push({ id, granted });
      if (!holder) next();
    },
    release(id) {
      if (holder?.id === id) return next();
      const at = waiting.findIndex((one) => one.id === id);
      if (at >= 0) waiting.splice(at, 1);
    },
  };
}
