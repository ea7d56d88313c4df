/** A pseudo-terminal with somebody at it: types, waits for what appears on the screen, resizes, hangs up. */
import { Terminal } from "@xterm/headless";
import { patient } from "../patience.ts";

export interface PtyOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
  /** Called whenever something was drawn */
  readonly onDrawn?: (screen: Terminal) => void;
}

export interface Pty {
  readonly pid: number;
  readonly exitCode: Promise<number>;
  /** What the screen shows, and what has scrolled off it, as lines of text */
  screen(): string;
  /** What the program has switched on at the terminal */
  modes(): { readonly isAlternate: boolean; readonly isPasteMarked: boolean; readonly mouse: string };
  type(text: string): void;
  /** What no text is */
  typeBytes(bytes: Uint8Array): void;
  /** Waits until the text is on the screen; the error shows what was there instead */
  waitFor(text: string | RegExp, limitMs?: number): Promise<void>;
  /** Titles of the window so far, oldest first, and notifications behind `9;` */
  titles(): readonly string[];
  resize(columns: number, rows: number): void;
  /** Closes the terminal, as a window is closed */
  hangUp(): void;
}

/** How long output may come after the end of the program that wrote it */
const lastWordsMs = 300;

/** Starts the command with the terminal as its own. */
export function openPty(command: readonly string[], options: PtyOptions): Pty {
  const { columns: cols, rows } = options;
  const screen = new Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true });
  const waiting = new Set<() => void>();
  const titles: string[] = [];
  screen.onTitleChange((title) => void titles.push(title));
  screen.parser.registerOscHandler(9, (text) => titles.push(`9;${text}`) > 0);
  const child = Bun.spawn([...command], {
    cwd: options.cwd,
    env: { ...options.env },
    terminal: {
      cols,
      rows,
      data: (_terminal, bytes) =>
        screen.write(bytes, () => {
          options.onDrawn?.(screen);
          for (const check of waiting) check();
        }),
    },
  });
  const { terminal } = child;
  if (!terminal) throw new Error("Cannot open a terminal");
  // A terminal answers what programs ask it, such as where the cursor is
  screen.onData((answer) => void terminal.write(answer));
  const waitFor = (text: string | RegExp, limitMs = 30_000) =>
    new Promise<void>((resolve, reject) => {
      const timeoutMs = patient(limitMs);
      const fail = (state: string) =>
        end(() => reject(new Error(`${String(text)} did not appear ${state} on:\n${readScreen(screen)}`)));
      const end = (settle: () => void) => {
        waiting.delete(check);
        clearTimeout(timer);
        settle();
      };
      const check = () => {
        const shown = readScreen(screen);
        if (typeof text === "string" ? shown.includes(text) : text.test(shown)) end(resolve);
      };
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      waiting.add(check);
      check();
      // What an ended program wrote last may still be on its way to the screen
      void child.exited.then(async (code) => {
        await Bun.sleep(lastWordsMs);
        if (waiting.has(check)) fail(`before the program ended with ${code}`);
      });
    });
  return {
    pid: child.pid,
    exitCode: child.exited,
    screen: () => readScreen(screen),
    modes: () => ({
      isAlternate: screen.buffer.active.type === "alternate",
      isPasteMarked: screen.modes.bracketedPasteMode,
      mouse: screen.modes.mouseTrackingMode,
    }),
    titles: () => titles,
    type: (text) => void terminal.write(text),
    typeBytes: (bytes) => void terminal.write(bytes),
    waitFor,
    resize(columns, lines) {
      screen.resize(columns, lines);
      terminal.resize(columns, lines);
    },
    hangUp: () => terminal.close(),
  };
}

/** Lines without the blanks at their ends; runs of empty lines are one. */
function readScreen(screen: Terminal): string {
  const { active } = screen.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, index) => active.getLine(index)?.translateToString(true) ?? "",
  );
  return lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}
