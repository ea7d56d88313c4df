/** Ending bottles from outside: claude is asked to go, and whoever launched it brings its work back and removes the rest. */
import type { Receipt } from "../../protocol/receipt.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { setTimeout } from "node:timers/promises";
import type { RunningBottle } from "../../bottle/bottle.ts";
import { messageOf } from "../../core/error.ts";
import { findReceipt } from "../../host/session-records.ts";
import { findJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";
import { reapSession } from "./reap-session.ts";

export interface StoppedBottle {
  readonly name: string;
  readonly session: string;
  /** Undefined for a bottle of somebody else */
  readonly receipt: Receipt | undefined;
  /** Why it did not end as it should have */
  readonly problem: string | undefined;
}

/** Bringing back a large repository takes its time, and engines take networks down one after the other */
const limitMs = 120_000;
const limitPerBottleMs = 5_000;
/** Between two looks: at a file, which costs nothing, or at the engine */
const pauseMs = { file: 20, engine: 100 } as const;
const sayEveryMs = 1_000;

/** Ends them side by side and waits until all of them is gone. Never rejects. */
export async function stopBottles(
  app: App,
  bottles: Bottles,
  running: readonly RunningBottle[],
  tell: (text: string) => void = () => undefined,
): Promise<StoppedBottle[]> {
  const wholeMs = limitMs + running.length * limitPerBottleMs;
  const waiting = new Set(running.map((bottle) => bottle.name));
  const say = () => tell(renderWaiting(waiting));
  // Redrawn as time goes by, so that nobody takes the wait for a standstill
  const timer = setInterval(say, sayEveryMs);
  say();
  const each = async (bottle: RunningBottle) => {
    const stopped = await stopBottle(app, bottles, bottle, wholeMs);
    waiting.delete(bottle.name);
    say();
    return stopped;
  };
  return Promise.all(running.map(each)).finally(() => clearInterval(timer));
}

function renderWaiting(names: ReadonlySet<string>): string {
  const [first] = names;
  if (first === undefined) return "done";
  const what = "Claude ends, its work is pulled, the rest is removed";
  return names.size === 1 ? what : `${what}; ${names.size} left`;
}

async function stopBottle(
  app: App,
  bottles: Bottles,
  bottle: RunningBottle,
  wholeMs: number,
): Promise<StoppedBottle> {
  const { name, session } = bottle;
  const folder = stateFolder(app.world);
  const isKnown = (await findJournal(folder, session)) !== undefined;
  let problem: string | undefined;
  try {
    await bottles.endAgent(session);
    if (!bottle.isOwned) problem = (await reapSession(app, bottles, session))[0];
    else if (!(await isOver(app, bottles, session, isKnown, wholeMs))) {
      problem = `its launcher did not finish within ${wholeMs / 1000} s`;
    }
  } catch (error) {
    problem = messageOf(error);
  }
  return { name, session, receipt: isKnown ? await findReceipt(folder, session) : undefined, problem };
}

/** The receipt is the last thing that a launcher writes. Of somebody else's bottle only the engine tells. */
async function isOver(
  app: App,
  bottles: Bottles,
  session: string,
  isKnown: boolean,
  wholeMs: number,
): Promise<boolean> {
  const folder = stateFolder(app.world);
  for (
    const giveUpAt = performance.now() + wholeMs;
    performance.now() < giveUpAt;
    await setTimeout(isKnown ? pauseMs.file : pauseMs.engine)
  ) {
    if (isKnown) {
      const receipt = await findReceipt(folder, session);
      if (receipt ? receipt.end !== "running" : !(await findJournal(folder, session))) return true;
    } else if (!(await bottles.list()).some((one) => one.session === session)) return true;
  }
  return false;
}
