/** The terminal of a session that nobody sits at: it takes what claude draws, keeps none of it, and says when it was quiet again. */
import { Writable } from "node:stream";
import { silentInput } from "../core/terminal.ts";
import { TerminalFilter } from "./terminal-filter/terminal-filter.ts";
import type { UserTerminal } from "./terminal.ts";

export interface BackgroundTerminalOptions {
  /** Of the terminal it was started from, until somebody attaches with another */
  readonly environment: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
  /** Called when output has ended for a moment: claude has finished something, or waits */
  readonly onQuiet: () => void;
  /** Called with what somebody who sits there would be told */
  readonly onTell?: (text: string) => void;
}

/** claude's own waiting animations draw several times a second */
const quietMs = 1_500;

/** In the user's terminal's stead while nobody is attached: nothing comes in, and of what goes out only the modes are noted. */
export function makeBackgroundTerminal(options: BackgroundTerminalOptions): UserTerminal {
  const { environment, columns, rows, onQuiet, onTell = () => undefined } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      filter.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(onQuiet, quietMs);
      done();
    },
  });
  return {
    isTerminal: true,
    environment,
    size: () => ({ columns, rows }),
    enterRaw: () => undefined,
    restore: () => clearTimeout(timer),
    tell: onTell,
    onResize: () => () => undefined,
    onClosed: () => () => undefined,
    // Keys come from those who attach
    input: silentInput,
    output,
    errorOutput: new Writable({ write: (_chunk, _encoding, done) => done() }),
    screen: filter.screen,
  };
}
