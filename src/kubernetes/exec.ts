/** Commands in a Pod that runs, and its main program's streams. Nothing secret in a command: clusters write it to a log of what was asked. */
import type { RunOptions, RunResult } from "../core/run-command.ts";
import { renderBytes } from "../core/text.ts";
import { ApiError } from "./api-error.ts";
import type { CommandEnd } from "./channels.ts";
import type { Cluster } from "./cluster.ts";
import { makeProgramSocket } from "./program-socket.ts";
import type { ProgramSocket } from "./program-socket.ts";
import { openWebSocket } from "./upgrade.ts";

export interface PodPlace {
  readonly pod: string;
  readonly container: string;
}

export interface StreamOptions {
  readonly hasInput: boolean;
  readonly hasTerminal: boolean;
  readonly action?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The command's end is what `end()` says. */
export function openExec(
  cluster: Cluster,
  place: PodPlace,
  options: StreamOptions & { readonly command: readonly string[] },
): Promise<ProgramSocket> {
  return openStream(cluster, place, { ...options, kind: "exec", action: options.action ?? runAction(place) });
}

/** Joins the main program. `end()` says nothing of its exit code: the Pod's state does. */
export function openAttach(
  cluster: Cluster,
  place: PodPlace,
  options: StreamOptions,
): Promise<ProgramSocket> {
  const action = options.action ?? `attach to Pod "${place.pod}"`;
  return openStream(cluster, place, { ...options, kind: "attach", action });
}

/** Runs a command and waits for it. A command that cannot be found is an exit code of 126 or 127, not an error. */
export async function runExec(
  cluster: Cluster,
  place: PodPlace,
  options: Omit<RunOptions, "user" | "workingDir">,
): Promise<RunResult> {
  const action = runAction(place);
  const { command, input, signal, maxOutputBytes = defaultMaxOutputBytes } = options;
  const hasInput = input !== undefined;
  const socket = await openExec(cluster, place, { command, hasInput, hasTerminal: false, action, signal });
  if (hasInput) {
    if (!socket.canEndInput) {
      socket.stream.destroy();
      throw new ApiError({
        action,
        state: "the cluster cannot tell a command that its input is at its end",
        hint: "Update the cluster to Kubernetes 1.30 or newer.",
      });
    }
    void sendInput(socket, input);
  }
  const output = await collect(socket, maxOutputBytes);
  signal?.throwIfAborted();
  if (!output) throw new ApiError({ action, state: `it said more than ${renderBytes(maxOutputBytes)}` });
  return { exitCode: exitCodeOf(socket.end(), action), ...output };
}

/** Throws for what is no exit code. */
function exitCodeOf(end: CommandEnd | undefined, action: string): number {
  if (!end) throw new ApiError({ action, state: "the connection was closed", transport: "closed" });
  if (end.kind === "exit") return end.code;
  const { message } = end;
  if (/executable file not found|no such file or directory/i.test(message)) return 127;
  if (/permission denied|is a directory/i.test(message)) return 126;
  throw new ApiError({ action, state: message });
}

const defaultMaxOutputBytes = 64 * 1024 * 1024;

function runAction({ pod }: PodPlace): string {
  return `run a command in Pod "${pod}"`;
}

async function openStream(
  cluster: Cluster,
  { pod, container }: PodPlace,
  options: StreamOptions & { readonly kind: "exec" | "attach"; readonly command?: readonly string[] },
): Promise<ProgramSocket> {
  const { kind, command, hasInput, hasTerminal, action, signal } = options;
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod}/${kind}`;
  const query = {
    container,
    ...(command && { command }),
    stdin: hasInput,
    stdout: true,
    // A terminal has one output
    stderr: !hasTerminal,
    tty: hasTerminal,
  };
  const socket = await openWebSocket(cluster.access, path, { query, signal, ...(action && { action }) });
  return makeProgramSocket(socket, { signal, ...(action && { action }) });
}

/** Written while the output is read, or a command that answers as it reads would block both sides. */
async function sendInput({ stream }: ProgramSocket, input: string | Uint8Array): Promise<void> {
  try {
    if (input.length > 0) await stream.write(input);
    stream.endInput();
  } catch {
    // The command ended without reading it all; its exit code says what that means
  }
}

/** Undefined if there is more; then the connection is closed. */
async function collect(
  { stream }: ProgramSocket,
  maxBytes: number,
): Promise<{ stdout: string; stderr: string } | undefined> {
  const chunks: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  let left = maxBytes;
  for await (const frame of stream.output) {
    left -= frame.data.length;
    if (left < 0) {
      stream.destroy();
      return undefined;
    }
    chunks[frame.stream].push(frame.data);
  }
  return { stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() };
}
