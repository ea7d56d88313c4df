/** Bottles that run already: joined, entered and ended, and files of theirs copied. */
import { saveWorktrees } from "../agent/save-worktrees.ts";
import type { Copying } from "../copying.ts";
import { readNetwork } from "../egress/read-network.ts";
import type { Part } from "../platform/part.ts";
import type { Running } from "../platform/running.ts";
import type { BottleSessions } from "../sessions.ts";
import { readDetails } from "./bottle-details.ts";
import { copyInto, copyOutOf } from "./copy-files.ts";
import { enterBottle } from "./enter-bottle.ts";
import { findAgent, refuseLater } from "./find-bottle.ts";
import { joinBottle } from "./join-bottle.ts";
import { reachBottle } from "./reach-bottle.ts";
import { readSoFar } from "./so-far.ts";
import { carrySsh } from "./ssh-stream.ts";
import { typePrompt } from "./type-prompt.ts";
import { watchScreen } from "./watch-screen.ts";

/** Claude writes its own record to the end when it is asked to go */
const graceSeconds = 3;
const logTimeMs = 5_000;

/**
 * Stopped programs can do nothing any more for what goes with the container. What is run for it may be the agent's doing, which is why it
 * is not run before: now it reaches nobody, and the end is near.
 */
async function saveIfFrozen(agent: Part, gate: Part): Promise<void> {
  const signal = AbortSignal.timeout(logTimeMs);
  const network = await readNetwork({ gate, pipelock: undefined }, signal).catch(() => undefined);
  if (network?.isFrozen) await saveWorktrees(agent);
}

export function makeBottleSessions(platform: Running): BottleSessions & Copying {
  const find = (session: string) => findAgent(platform, session);
  return {
    async join(request) {
      const { bottle, agent, gate } = await find(request.session);
      return joinBottle(bottle.name, agent, request, gate);
    },
    async enter(request) {
      const { agent } = await find(request.session);
      return enterBottle(agent, request);
    },
    async reach(session) {
      const { bottle, agent } = await find(session);
      return reachBottle(bottle, agent);
    },
    async copyOut(request, take) {
      const { bottle, agent } = await find(request.session);
      return copyOutOf(bottle.name, agent, request, take);
    },
    async copyIn(request) {
      const { bottle, agent } = await find(request.session);
      return copyInto(bottle.name, agent, request);
    },
    readSoFar: (session, known) => readSoFar(platform, session, known),
    async carrySsh(request) {
      const { bottle, agent } = await find(request.session);
      return carrySsh(bottle.name, agent, request);
    },
    async type(request) {
      const { bottle, agent } = await find(request.session);
      return typePrompt(bottle.name, agent, request);
    },
    async watchScreen(request) {
      const { agent } = await find(request.session);
      return watchScreen(agent, request);
    },
    readDetails: (session) => readDetails(platform, session),
    async endAgent(session) {
      const { agent, gate } = await refuseLater(platform, session);
      if (agent && gate?.isRunning) await saveIfFrozen(agent, gate);
      await agent?.stop(graceSeconds);
    },
  };
}
