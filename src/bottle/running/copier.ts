/** The copier in an agent's container: a program of ours, started by an exec as the agent's user, in the workspace. */
import { BottleError } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import type { CopyRequest } from "../../protocol/copy.ts";
import { programCommand, renderCopyInput } from "../../sidecar/programs.ts";
import { workspaceFolder } from "../agent/bottle-paths.ts";
import type { OpenCommand, Part } from "../platform/part.ts";

/** Starts it with its request, has `act` use it, and closes its streams, at which it ends. A signal closes them too. */
export async function useCopier<T>(
  agent: Part,
  { request, signal }: { readonly request: CopyRequest; readonly signal: AbortSignal },
  act: (session: OpenCommand) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const session = await agent.open({
    command: programCommand,
    workingDir: workspaceFolder,
    size: undefined,
    // What node itself has to say is about no copy
    env: ["NODE_NO_WARNINGS=1"],
  });
  const stop = () => session.stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  // It may have come while the program was started
  if (signal.aborted) stop();
  try {
    session.stream.write(renderCopyInput(request))?.catch(() => undefined);
    return await act(session);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** Why the copier's output ended before it should have; `complaints` is what it wrote to stderr. */
export async function explainEnd(
  bottle: string,
  session: OpenCommand,
  complaints: readonly string[],
): Promise<BottleError> {
  const ended = (state: string, hint: string, code: ErrorCode = "session") =>
    new BottleError({
      code,
      message: `Cannot copy: ${state}`,
      details: complaints.join("").split("\n").filter(Boolean).slice(-6).map(escapeForTerminal),
      hint,
    });
  const exitCode = await session.exitCode();
  if (exitCode === undefined)
    return ended(`bottle ${quote(bottle)} ended in the middle`, 'See "claude-bottle list".');
  if (exitCode === 126 || exitCode === 127)
    return ended(`bottle ${quote(bottle)} has no node to copy with`, "Use an image that holds Node 22.");
  return ended(
    `the copier in bottle ${quote(bottle)} ended with exit code ${exitCode} in the middle`,
    'Check that the bottle is still running with "claude-bottle list", and try again.',
  );
}
