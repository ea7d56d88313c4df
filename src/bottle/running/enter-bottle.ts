/**
 * A command in a bottle as the agent's user. It gets the environment that claude has, the manifest's values included, and nobody tells
 * it: it reads it from claude's process inside the bottle, so that no value is in an exec body, on a command line or on a disk.
 */
import { BottleError, exitCodes } from "../../core/error.ts";
import { raceAbort } from "../../core/race-abort.ts";
import { workspaceFolder } from "../agent/bottle-paths.ts";
import type { OpenCommand, Part } from "../platform/part.ts";
import type { EnterRequest } from "../sessions.ts";
import { carryInput, makeSinks } from "../terminal/carry-bytes.ts";
import { followSize } from "../terminal/follow-size.ts";
import type { Resize } from "../terminal/follow-size.ts";

/**
 * claude is the first child of the container's first process; later ones are what it left behind. PWD and what describes a terminal are
 * the command's own. Nothing but the command is started, which takes long under gVisor: what stands after the last ")" of a process's
 * stat, whatever its name, is its state and its parent. `mapfile` reads a process's environment at once, where `read` takes a system call for
 * each byte. Without bash only the container's public environment is there, which every exec has.
 */
const script = `
for one in /proc/[0-9]*; do
  one=\${one#/proc/} stat=
  mapfile -d '' -t stat <"/proc/$one/stat"
  stat=\${stat##*) ?}
  case $stat in
  " 1 "*) [ "$one" -ge "\${claude:-$((one + 1))}" ] || claude=$one ;;
  esac
done 2>/dev/null
unset stat
mapfile -d '' -t claude_environ <"/proc/\${claude:-self}/environ"
for one in "\${claude_environ[@]}"; do
  case $one in
  TERM=* | COLORTERM=* | TERM_PROGRAM=* | PWD=* | OLDPWD=* | SHLVL=* | _=*) ;;
  [A-Za-z_]*=*) export "$one" ;;
  esac
done 2>/dev/null
unset one claude claude_environ
exec "$@"
`;
const wrapper = `command -v bash >/dev/null && exec bash -c "$0" claude-bottle-exec "$@"; exec "$@"`;
/** The words that run a command with claude's environment. Where bash is known to be there, nothing has to look for it first. */
export function wrapCommand(
  command: readonly string[],
  { hasBash = false }: Pick<Part, "hasBash"> = {},
): string[] {
  if (hasBash) return ["/bin/bash", "-c", script, "claude-bottle-exec", ...command];
  return ["/bin/sh", "-c", wrapper, script, ...command];
}

/** What a process is found by if its launcher was told to end */
const markVariable = "CLAUDE_BOTTLE_EXEC";
const killer = `for one in /proc/[0-9]*; do grep -qs -- "$1" "$one/environ" && kill "\${one#/proc/}"; done; :`;
/** It takes some milliseconds, and somebody waits for the prompt */
const killMs = 3_000;

/** Runs it and resolves with its exit code. A signal ends it, as far as it lets itself be ended. */
export function enterBottle(
  agent: Part,
  { command, terminal, signal }: Omit<EnterRequest, "session">,
): Promise<number> {
  const wrapped = wrapCommand(command, agent);
  return enterPart(agent, { command: wrapped, workingDir: workspaceFolder, terminal, signal });
}

/** The same in any part, with the part's own environment. */
export async function enterPart(
  part: Pick<Part, "open" | "run">,
  { command, workingDir, terminal, signal }: Omit<EnterRequest, "session"> & { readonly workingDir: string },
): Promise<number> {
  signal.throwIfAborted();
  const mark = `${markVariable}=${crypto.randomUUID()}`;
  const variables = Object.entries(terminal.isTerminal ? terminal.environment : {});
  const session = await part.open({
    command,
    workingDir,
    size: terminal.isTerminal ? terminal.size() : undefined,
    env: [mark, ...variables.map(([name, value]) => `${name}=${value}`)],
  });
  try {
    return await raceAbort(carry(session, terminal), signal);
  } catch (error) {
    if (signal.aborted) await endMarked(part, mark);
    throw error;
  } finally {
    session.stream.destroy();
  }
}

/** Ends the command and what it has started, as far as that can be done soon: an agent can keep the output of this open for ever. */
async function endMarked(part: Pick<Part, "run">, mark: string): Promise<void> {
  const command = ["/bin/sh", "-c", killer, "sh", mark];
  const signal = AbortSignal.timeout(killMs);
  await part.run({ command, signal }).catch(() => undefined);
}

async function carry(session: OpenCommand, terminal: EnterRequest["terminal"]): Promise<number> {
  const resize: Resize = (columns, rows) => session.resize(columns, rows);
  const { columns, rows } = terminal.size();
  if (terminal.isTerminal) await resize(columns, rows).catch(() => undefined);
  const stopResizing = terminal.isTerminal ? followSize(terminal, resize) : () => undefined;
  terminal.enterRaw();
  const stopInput = carryInput(session.stream, terminal);
  try {
    await session.stream.forward(makeSinks(terminal));
  } finally {
    stopInput();
    stopResizing();
    terminal.restore();
  }
  const exitCode = await session.exitCode();
  if (exitCode === undefined) throw hasEnded();
  return exitCode;
}

function hasEnded(): BottleError {
  return new BottleError({
    code: "session",
    message: "Cannot tell how the command ended: its bottle is gone",
    hint: 'See "claude-bottle list".',
    exitCode: exitCodes.engine,
  });
}
