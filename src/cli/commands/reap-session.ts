/** `claude-bottle reap-session`: what the reaper becomes when its launcher died; brings the work back, removes the rest. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { removeDeadScratch } from "../../host/scratch.ts";
import type { CommandData } from "../args/command-data.ts";
import { awaitEngine, engineWaitMs } from "../../session/end/await-engine.ts";
import { reapSession } from "../../session/end/reap-session.ts";
import { writeLines } from "../../session/run/run-in-bottle.ts";

export const examples = ["claude-bottle reap-session k3f9q2"] as const;

export const command = defineCommand({
  meta: { name: "reap-session" },
  args: {
    session: { type: "positional", required: true, description: "The session's id" },
    wait: { type: "boolean", description: "Wait for an engine that does not answer" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const bottles = await app.openBottles();
    const limitMs = args.wait ? engineWaitMs : 0;
    await awaitEngine(bottles, { limitMs, onAway: () => undefined });
    // The launcher may have been killed while it read the repository
    await removeDeadScratch(app.world);
    const failures = await reapSession(app, bottles, args.session);
    writeLines(app, failures);
    return failures.length === 0 ? exitCodes.ok : exitCodes.failure;
  },
});
