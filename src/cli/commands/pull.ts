/** `claude-bottle pull`: brings an agent's work into the repository it came from, while the bottle runs or after it failed at the end. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { workArgument } from "../args/arguments.ts";
import { findSession } from "../../session/resolve/find-session.ts";
import { pullSession } from "../../session/end/reap-session.ts";
import { writeLines } from "../../session/run/run-in-bottle.ts";
import { sweepDeadSessions } from "../../session/store/session-journal.ts";

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
    const found = findSession(app.world, args.bottle);
    // One process for the session that is pulled, and not two that wait for each other
    const except = await found.then(
      ({ entry }) => entry.session,
      () => undefined,
    );
    await sweepDeadSessions(app, { isAwaited: false, except });
    const { entry, isRunning } = await found;
    const { lines, isWhole } = await pullSession(app, await app.openFactory(), entry, isRunning);
    writeLines(app, lines);
    return isWhole ? exitCodes.ok : exitCodes.failure;
  },
});
