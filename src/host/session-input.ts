/** What a session reads: keys, or what is piped in. */
import type { SessionInput } from "../core/terminal.ts";

/**
 * Reads a stream by its own reader: node's stream for stdin lies above that one, and each key would pass its layers, too. A stream that
 * breaks has ended, as a terminal that was closed may.
 */
export function makeInput(open: () => ReadableStream<Uint8Array>): SessionInput {
  return {
    read(take, onEnd) {
      const reader = open().getReader();
      let isStopped = false;
      const stop = () => {
        isStopped = true;
        reader.cancel().catch(() => undefined);
      };
      const pass = async () => {
        for (;;) {
          const { value, done } = await reader.read();
          if (done || isStopped) return;
          const waiting = take(value);
          // Whoever takes has ended, and says so elsewhere
          if (waiting) await waiting.catch(stop);
        }
      };
      const end = () => {
        if (!isStopped) onEnd();
      };
      pass().then(end, end);
      return stop;
    },
  };
}
