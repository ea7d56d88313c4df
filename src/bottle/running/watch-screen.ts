/** What claude draws, seen by somebody who only looks. */
import type { Part } from "../platform/part.ts";
import type { ScreenRequest } from "../sessions.ts";

/** Two sizes in one moment would reach the program as one */
const redrawPauseMs = 60;
const usual = { columns: 80, rows: 24 };

/**
 * Follows until the signal comes or claude ends. Its terminal keeps its size, which whoever has joined it has set: one row less for a
 * moment has claude draw everything once.
 */
export async function watchScreen(
  agent: Part,
  { take, onSize, signal }: Omit<ScreenRequest, "session">,
): Promise<void> {
  const { columns, rows } = await readSize(agent);
  onSize(columns, rows);
  const stream = await agent.attach({ hasTerminal: true });
  const leave = () => stream.destroy();
  signal.addEventListener("abort", leave, { once: true });
  try {
    const output = stream.forward({ output: take, errorOutput: take });
    output.catch(() => undefined);
    await agent.resize(columns, Math.max(1, rows - 1));
    await new Promise((resolve) => setTimeout(resolve, redrawPauseMs));
    await agent.resize(columns, rows);
    await output;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", leave);
    stream.destroy();
  }
}

/** By the terminal of the container's first process; the platform itself only sets sizes. */
async function readSize(agent: Part): Promise<{ readonly columns: number; readonly rows: number }> {
  const command = ["/bin/sh", "-c", "stty size </proc/1/fd/0"];
  const { stdout } = await agent.run({ command, signal: AbortSignal.timeout(5_000), maxOutputBytes: 256 });
  const [, rows, columns] = /^(\d{1,4}) (\d{1,4})\s*$/.exec(stdout) ?? [];
  if (!Number(rows) || !Number(columns)) return usual;
  return { columns: Number(columns), rows: Number(rows) };
}
