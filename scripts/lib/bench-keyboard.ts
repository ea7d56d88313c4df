/** A raw terminal whose program sends every key back, and how long that takes. */

export interface Keyboard {
  readonly pid: number;
  /** Milliseconds from a key to its echo */
  echo(): Promise<number>;
  end(): Promise<void>;
}

/** Starts a command whose program is a shell, and makes that shell a `cat` on a raw terminal. */
export async function openKeyboard(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string | undefined> },
): Promise<Keyboard> {
  let seen = "";
  let wake = () => {};
  const child = Bun.spawn([...command], {
    ...options,
    terminal: {
      cols: 80,
      rows: 24,
      data: (_terminal, bytes) => {
        seen += Buffer.from(bytes).toString("latin1");
        wake();
      },
    },
  });
  const { terminal } = child;
  if (!terminal) throw new Error("Cannot open a terminal");
  const waitFor = (text: string) =>
    new Promise<void>((resolve) => {
      wake = () => {
        if (seen.includes(text)) resolve();
      };
      wake();
    });
  // A shell at a terminal prints a prompt when it can take a command
  await waitFor("$ ");
  terminal.write("stty raw -echo; echo rea''dy; exec cat\r");
  await waitFor("ready");
  return {
    pid: child.pid,
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
