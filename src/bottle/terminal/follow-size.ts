/** Keeps the size of a program's terminal as the user's is, and makes the program redraw when the screen was lost. */
import type { SessionTerminal } from "../../core/terminal.ts";

/** Two sizes in one moment would reach the program as one */
const redrawPauseMs = 60;

/** Tells the program's terminal its size, in characters. */
export type Resize = (columns: number, rows: number) => Promise<void>;

/** Follows every change from now on, until the function that is returned is called; a resize too many is harmless. */
export function followSize(terminal: SessionTerminal, resize: Resize): () => void {
  return terminal.onResize((isLost) => void (isLost ? redraw(terminal, resize) : tell(terminal, resize, 0)));
}

/** A program redraws only when the size changes. One row less for a moment does that, whatever the size was. */
export async function redraw(terminal: SessionTerminal, resize: Resize): Promise<void> {
  await tell(terminal, resize, 1);
  await new Promise((resolve) => setTimeout(resolve, redrawPauseMs));
  await tell(terminal, resize, 0);
}

/** The program's end says what matters, not a size that came too late for it. */
async function tell(terminal: SessionTerminal, resize: Resize, less: number): Promise<void> {
  const { columns, rows } = terminal.size();
  await resize(columns, Math.max(1, rows - less)).catch(() => undefined);
}
