/** Runs a command for as long as something is heard of it, and ends with it all that it has started and left in its process group. */

export interface WatchedCommand {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long it may be silent */
  readonly idleMs: number;
  /** Ends it from outside */
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface CommandEnd {
  readonly exitCode: number;
  /** It was ended because nothing was heard of it any more */
  readonly wasIdle: boolean;
}

/** Programs that outlive the command in a group of their own keep its output open; what it wrote itself is there by then */
const lastWordsMs = 2_000;

/** Both outputs are one here, since that alone keeps their order */
const withOneOutput = ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh"];

export async function watchCommand(command: WatchedCommand): Promise<CommandEnd> {
  const { words, cwd, env, idleMs, signal, onLine } = command;
  const child = Bun.spawn([...withOneOutput, ...words], {
    cwd,
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    // A session and a process group of its own, so that all of it can be ended, and nothing else
    detached: true,
  });
  let wasIdle = false;
  let heardAt = performance.now();
  const end = () => killGroup(child.pid);
  const watch = setInterval(
    () => {
      if (performance.now() - heardAt < idleMs) return;
      wasIdle = true;
      end();
    },
    Math.min(1_000, idleMs / 4),
  );
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const output = readLines(child.stdout, onLine, () => (heardAt = performance.now()));
  const exitCode = await child.exited;
  // What it started and did not end, as an ssh-agent of a test that failed half way
  end();
  clearInterval(watch);
  signal.removeEventListener("abort", end);
  const late = setTimeout(output.cancel, lastWordsMs);
  await output.ended;
  clearTimeout(late);
  return { exitCode, wasIdle };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself
  }
}

function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
  onHeard: () => void,
) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  const take = (text: string) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  };
  const ended = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      onHeard();
      take(decoder.decode(next.value, { stream: true }));
    }
    if (pending !== "") onLine(pending);
  })();
  return { ended, cancel: () => void reader.cancel() };
}
