/**
 * Draws as a session's program does, through the filter, and waits: SIGUSR1 gives the terminal back and ends, SIGUSR2 tells how often
 * a redraw was asked for. Tests start it on a terminal of their own.
 */
import { makeTerminal } from "../../src/host/terminal.ts";
import { readWorld } from "../../src/wiring.ts";

const terminal = makeTerminal(readWorld(), { allowsClipboard: false });
let redrawn = 0;
terminal.onResize((isLost) => {
  if (isLost) redrawn += 1;
});
terminal.enterRaw();
const write = (text: string) => void terminal.output.write(text);
process.on("SIGUSR2", () => write(`redrawn ${redrawn}\r\n`));
process.once("SIGUSR1", () => {
  terminal.restore();
  console.log("given back");
  process.exit(0);
});
write("\u001b[?1049h\u001b[?1000h\u001b[?2004h\u001b[Hdrawn\r\n");
// Nobody has to type
setInterval(() => undefined, 60_000);
