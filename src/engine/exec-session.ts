/** A command in a running container with both directions open, and a terminal if it is wanted. */
import type { ProgramStream } from "../core/byte-stream.ts";
import { untypedDetachKeys } from "./detach-keys.ts";
import { EngineError } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { makeProgramStream } from "./program-stream.ts";

/** Engines from here on set the size before the command begins */
const sizeApiVersion = "1.42";

export interface ExecSessionOptions {
  /** Seen by everybody who can list processes or read the engine's events; nothing secret */
  readonly command: readonly string[];
  readonly workingDir: string;
  /** Undefined for one without a terminal, whose output is framed */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  /** What a terminal is; nothing secret, since the engine writes it to a file */
  readonly env: readonly string[];
}

export interface ExecSession {
  readonly stream: ProgramStream;
  resize(columns: number, rows: number): Promise<void>;
  /** Once the output has ended */
  exitCode(): Promise<number>;
}

/** Starts it as the container's own user. A command that cannot be found is an exit code of 126 or 127, not an error. */
export async function openExecSession(
  engine: Engine,
  id: string,
  options: ExecSessionOptions,
): Promise<ExecSession> {
  const action = `run a command in container "${id}"`;
  const { size, command, workingDir, env } = options;
  const hasTerminal = size !== undefined;
  const console = size && engine.supports(sizeApiVersion) ? { ConsoleSize: [size.rows, size.columns] } : {};
  const created = await engine.json<{ Id: string }>("POST", `/containers/${id}/exec`, {
    action,
    body: {
      Cmd: command,
      WorkingDir: workingDir,
      Env: env,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: hasTerminal,
      DetachKeys: untypedDetachKeys,
      ...console,
    },
  });
  const stream = await engine.hijack(`/exec/${created.Id}/start`, {
    action,
    body: { Detach: false, Tty: hasTerminal, ...console },
  });
  return {
    stream: makeProgramStream(stream, hasTerminal),
    resize: (columns, rows) =>
      engine.send("POST", `/exec/${created.Id}/resize`, { action, query: { w: columns, h: rows } }),
    async exitCode() {
      const { ExitCode } = await engine.json<{ ExitCode: number | null }>("GET", `/exec/${created.Id}/json`, {
        action,
      });
      if (ExitCode === null)
        throw new EngineError({ action, state: "its output ended while it was running" });
      return ExitCode;
    },
  };
}
