/** A session that may only take so long: its time runs out like a signal comes, and the exit code is that of timeout(1). */
import { BottleError } from "../../core/error.ts";
import type { SignalWatch } from "../../host/signals.ts";

const timedOut = 124;

/** The watch itself without a limit; with one, the watch that is also aborted when the time is over. */
export function limitTime(watch: SignalWatch, limitMs: number | undefined): SignalWatch {
  if (limitMs === undefined) return watch;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeOver(limitMs)), limitMs);
  return {
    signal: AbortSignal.any([watch.signal, controller.signal]),
    interruption: watch.interruption,
    next: watch.next,
    stop() {
      clearTimeout(timer);
      watch.stop();
    },
  };
}

function timeOver(limitMs: number): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot finish the session: its time limit of ${limitMs / 1000} s is over`,
    hint: "Give it more with --timeout.",
    exitCode: timedOut,
  });
}
