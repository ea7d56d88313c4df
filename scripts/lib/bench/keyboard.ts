/** A raw terminal with a shell behind it, as a person's hands and eyes have it. */

export interface Keyboard {
  readonly pid: number;
  /** Milliseconds from a key to its echo */
  echo(): Promise<number>;
  type(text: string): void;
  /** Resolves when the text has come since it was last waited for */
  waitFor(text: string): Promise<void>;
  end(): Promise<void>;
}

/** Longer than any text that is waited for */
const keptCharacters = 256;

/**
 * Starts a command whose program is a shell; the shell makes its terminal raw and runs `task`, by default one that sends every key back.
 * What a task says before it was typed at may come in one piece with what the shell says, and is not found then.
 */
export async function openKeyboard(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
  task = "exec cat",
): Promise<Keyboard> {
  let seen = "";
  let wake = () => {};
  const child = Bun.spawn([...command], {
    cwd: options.cwd,
    env: { ...options.env },
    terminal: {
      cols: 80,
      rows: 24,
      data: (_terminal, bytes) => {
        const end = Buffer.from(bytes.subarray(-keptCharacters)).toString("latin1");
        seen = (seen + end).slice(-keptCharacters);
        wake();
      },
    },
  });
  const { terminal } = child;
  if (!terminal) throw new Error("Cannot open a terminal");
  const waitFor = (text: string) =>
    new Promise<void>((resolve) => {
      wake = () => {
        const at = seen.indexOf(text);
        if (at < 0) return;
        seen = seen.slice(at + text.length);
        wake = () => {};
        resolve();
      };
      wake();
    });
  // A shell at a terminal prints a prompt when it can take a command
  await waitFor("$ ");
  terminal.write(`stty raw -echo; echo rea''dy; ${task}\r`);
  await waitFor("ready");
  return {
    pid: child.pid,
    type: (text) => void terminal.write(text),
    waitFor,
    async echo() {
      // People type slower than this, and a pause lets both sides fall asleep as they do between keys
      await Bun.sleep(4);
      seen = "";
      const start = performance.now();
      terminal.write("k");
      await waitFor("k");
      return performance.now() - start;
    },
    async end() {
      child.kill("SIGTERM");
      await child.exited;
      terminal.close();
    },
  };
}
