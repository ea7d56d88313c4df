/** Lines of a stream, kept, and waited for. */

export interface Lines {
  all(): readonly string[];
  /** Resolves with the first line from `from` on that fits, or with undefined at the stream's end or when nothing came in time */
  wait(fits: (line: string) => boolean, from?: number): Promise<string | undefined>;
}

const patienceMs = 20_000;
const lookPauseMs = 5;

/** Reads the stream to its end. */
export function makeLines(stream: ReadableStream<Uint8Array>): Lines {
  const kept: string[] = [];
  let hasEnded = false;
  const read = async () => {
    let pending = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
      pending = lines.pop() ?? "";
      kept.push(...lines.filter((line) => line !== ""));
    }
    if (pending !== "") kept.push(pending);
    hasEnded = true;
  };
  void read();
  return {
    all: () => kept,
    async wait(fits, from = 0) {
      const giveUpAt = performance.now() + patienceMs;
      for (;;) {
        const isLast = hasEnded || performance.now() > giveUpAt;
        const found = kept.slice(from).find(fits);
        if (found !== undefined || isLast) return found;
        await Bun.sleep(lookPauseMs);
      }
    },
  };
}
