/** `claude-bottle pull`: brings an agent's work into the repository it came from, while the bottle runs or after it failed at the end. */
import type { Receipt } from "../../protocol/receipt.ts";
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../../session/app.ts";
import { renderBrought } from "../../session/end/brought-words.ts";
import { findWork } from "../../session/resolve/find-work.ts";
import type { CommandData } from "../args/command-data.ts";
import { workArgument } from "../args/arguments.ts";
import { pullSession } from "../../session/end/reap-session.ts";
import { writeLines } from "../../session/run/run-in-bottle.ts";
import { sweepDeadSessions } from "../../session/store/sweep.ts";

export const examples = [
  "claude-bottle pull hello-k3f9q2   # commits and changes so far, as refs/bottles/k3f9q2/…",
  "claude-bottle pull k3f9q2         # the same by the session's id",
] as const;

export const command = defineCommand({
  meta: { name: "pull" },
  args: {
    ...workArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const found = findWork(app.world, args.bottle);
    // One process for the session that is pulled, and not two that wait for each other
    const except = await found.then(
      (one) => (one.state === "here" ? one.entry.session : undefined),
      () => undefined,
    );
    await sweepDeadSessions(app, { isAwaited: false, except });
    const work = await found;
    if (work.state === "ended") {
      writeLines(app, describeEnded(app, work.receipt));
      return exitCodes.ok;
    }
    const { lines, isWhole } = await pullSession(app, await app.openBottles(), work.entry, work.isRunning);
    writeLines(app, lines);
    return isWhole ? exitCodes.ok : exitCodes.failure;
  },
});

/** The work was pulled at the session's end: says again what there is and how to continue with it. */
function describeEnded({ world }: App, receipt: Receipt): string[] {
  const {
    broughtBack: refs,
    files,
    claudeSession,
    problems,
    leftOutput,
    memory,
    session,
    bottleName,
    workspace,
  } = receipt;
  const record = recordFolder(stateFolder(world), session);
  const work = {
    refs,
    files,
    claudeSession,
    problems,
    ...(leftOutput && { leftOutput }),
    ...(memory && { memory }),
  };
  const lines = renderBrought(work, { world, session, bottleName, record, workspace, isRunning: false });
  const name = escapeForTerminal(bottleName);
  return lines.length === 0
    ? [`${name} has ended; there is no work to pull.`]
    : [`${name} has ended; its work is already here.`, ...lines];
}
