/**
 * A process of ours that goes on when this one has ended. What it needs comes over its stdin, secrets included: its environment and its
 * command line can be read by others for as long as it lives. It holds nothing of the user's terminal.
 */
import type { World } from "./world.ts";

export interface BackgroundOptions {
  readonly command: readonly string[];
  /** Nothing secret */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to its stdin, which then ends */
  readonly message: string;
  /** Ends it: its own undoing runs, and then it is over */
  readonly signal: AbortSignal;
}

/** What it said on stdout up to the first line break, and its exit code if it ended before that. */
export interface BackgroundStart {
  readonly line: string | undefined;
  readonly exitCode: number | undefined;
}

/** Starts it in a process session of its own and waits for its first line. Its stderr is passed on until then. */
export async function startInBackground(world: World, options: BackgroundOptions): Promise<BackgroundStart> {
  const child = Bun.spawn([...options.command], {
    cwd: options.cwd,
    env: { ...options.env },
    stdin: Buffer.from(options.message),
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  const onAbort = () => child.kill("SIGTERM");
  options.signal.addEventListener("abort", onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  const complaints = passOn(child.stderr, world.stderr);
  try {
    const line = await readLine(child.stdout);
    if (line === undefined) {
      await complaints;
      return { line, exitCode: await child.exited };
    }
    child.unref();
    return { line, exitCode: undefined };
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}

async function passOn(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<void> {
  for await (const chunk of from) to.write(chunk);
}

/** Undefined if the stream ends before a line does. */
async function readLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return undefined;
}
