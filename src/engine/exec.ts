/** Running one command in a running container and collecting what it says. */
import type { ByteStream } from "../core/byte-stream.ts";
import type { RunOptions, RunResult } from "../core/run-command.ts";
import { renderBytes } from "../core/text.ts";
import { EngineError } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { demultiplex } from "./frames.ts";

const defaultMaxOutputBytes = 64 * 1024 * 1024;

/** Runs a command and waits for it. A command that cannot be found is an exit code of 126 or 127, not an error. */
export async function runExec(engine: Engine, id: string, options: RunOptions): Promise<RunResult> {
  const action = `run a command in container "${id}"`;
  const { signal, maxOutputBytes = defaultMaxOutputBytes } = options;
  const created = await engine.json<{ Id: string }>("POST", `/containers/${id}/exec`, {
    action,
    signal,
    body: {
      Cmd: options.command,
      AttachStdin: options.input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      ...(options.user === undefined ? {} : { User: options.user }),
      ...(options.workingDir === undefined ? {} : { WorkingDir: options.workingDir }),
    },
  });
  const stream = await engine.hijack(`/exec/${created.Id}/start`, {
    action,
    signal,
    body: { Detach: false, Tty: false },
  });
  if (options.input !== undefined) void sendInput(stream, options.input);
  const output = await collect(stream, maxOutputBytes);
  if (!output) throw new EngineError({ action, state: `it said more than ${renderBytes(maxOutputBytes)}` });
  const { ExitCode } = await engine.json<{ ExitCode: number | null }>("GET", `/exec/${created.Id}/json`, {
    action,
    signal,
  });
  if (ExitCode === null) throw new EngineError({ action, state: "its output ended while it was running" });
  return { exitCode: ExitCode, ...output };
}

/** Written while the output is read, or a command that answers as it reads would block both sides. */
async function sendInput(stream: ByteStream, input: string | Uint8Array): Promise<void> {
  try {
    await stream.write(input);
    stream.endInput();
  } catch {
    // The command ended without reading it all; its exit code says what that means
  }
}

/** Undefined if there is more; then the connection is closed. */
async function collect(
  stream: ByteStream,
  maxBytes: number,
): Promise<{ stdout: string; stderr: string } | undefined> {
  const chunks: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  let left = maxBytes;
  for await (const frame of demultiplex(stream.output)) {
    left -= frame.data.length;
    if (left < 0) {
      stream.destroy();
      return undefined;
    }
    chunks[frame.stream].push(frame.data);
  }
  return { stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() };
}
