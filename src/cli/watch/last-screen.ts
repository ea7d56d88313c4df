/** The last lines that a bottle's claude drew, read off a terminal that nobody sees. */
import { Terminal } from "@xterm/headless";
import type { App } from "../../session/app.ts";

export interface LastScreen {
  /** What stands on it, without the empty lines at its end; hostile */
  lines(): readonly string[];
  close(): void;
}

/** Begins to look; what fails leaves it empty. */
export function openLastScreen(app: App, session: string): LastScreen {
  const end = new AbortController();
  let terminal: Terminal | undefined;
  const look = async () => {
    const bottles = await app.openBottles();
    await bottles.watchScreen({
      session,
      signal: end.signal,
      onSize: (cols, rows) =>
        (terminal = new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true })),
      take: (data) => terminal?.write(data),
    });
  };
  void look().catch(() => undefined);
  return {
    lines: () => (terminal ? readLines(terminal) : []),
    close() {
      end.abort();
      terminal?.dispose();
      terminal = undefined;
    },
  };
}

function readLines({ buffer: { active } }: Terminal): string[] {
  const lines = Array.from(
    { length: active.length },
    (_, index) => active.getLine(index)?.translateToString(true) ?? "",
  );
  while (lines.at(-1) === "") lines.pop();
  return lines;
}
