/** A setup: the manifest's commands in a bottle of their own, before any agent has been there. */
import { BottleError } from "../../core/error.ts";
import { raceAbort } from "../../core/race-abort.ts";
import { inSingleQuotes } from "../../core/shell-quote.ts";
import type { SetupPlan } from "../../plan/plan.ts";
import type { Bottle, LaunchOptions } from "../bottle.ts";
import { withLeftovers } from "../left-behind.ts";
import { makeHeardTerminal } from "../terminal/heard-terminal.ts";
import { listTreeFolders } from "../agent/tree-folders.ts";

/**
 * A program for /bin/sh: the commands in turn, each from the workspace, until one fails. What is kept is then for everybody, since each
 * bottle's agent is another user.
 */
function renderSetup(setup: Pick<SetupPlan, "run" | "keep">): string {
  const folders = listTreeFolders(setup).map(inSingleQuotes);
  return [
    "set -e",
    "umask 022",
    ...setup.run.map(
      (command, index) =>
        `sh -c ${inSingleQuotes(command)} || { code=$?; echo "claude-bottle: command ${index + 1} ended with $code" >&2; exit "$code"; }`,
    ),
    ["chmod -R a+rwX --", ...folders].join(" "),
  ].join("\n");
}

/** Runs it to its end; the bottle is gone afterwards, however it went. `launch` starts a bottle with the command in claude's place. */
export async function runSetup(
  launch: (options: LaunchOptions, command: readonly string[]) => Promise<Bottle>,
  setup: SetupPlan,
  options: LaunchOptions,
): Promise<void> {
  const { progress, signal } = options;
  const lines = makeHeardTerminal((line) => progress.detail(line));
  const bottle = await launch({ ...options, terminal: lines.terminal }, [
    "/bin/sh",
    "-c",
    renderSetup(setup),
  ]);
  let failure: unknown;
  try {
    progress.step("Running the setup");
    const { exitCode, note } = await raceAbort(bottle.attach(lines.terminal), signal);
    if (exitCode !== 0) throw setupFailed(exitCode, note, lines.last());
  } catch (error) {
    failure = error;
  }
  const left = await bottle.destroy();
  if (failure !== undefined || left.length > 0) throw withLeftovers(failure ?? leftBehind(), left);
  progress.done();
}

function setupFailed(exitCode: number, note: string | undefined, lines: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot start the agent: its setup ended with ${exitCode}${note === undefined ? "" : ` (${note})`}`,
    details: lines,
    hint: 'Fix the command under "setup", or allow the host that it needs; nothing of this run was kept.',
  });
}

function leftBehind(): BottleError {
  return new BottleError({
    code: "session",
    message: "Cannot remove the bottle of the setup",
    hint: 'Run "claude-bottle cleanup".',
  });
}
