/** Ending bottles from outside: claude is asked to go, and whoever launched it brings its work back and removes the rest. */
import { setTimeout } from "node:timers/promises";
import type { BottleFactory, RunningBottle } from "../bottle/bottle.ts";
import { messageOf } from "../core/error.ts";
import { findReceipt } from "../host/session-records.ts";
import type { Receipt } from "../host/session-records.ts";
import { findJournal } from "../host/journal.ts";
import { stateFolder } from "../host/state.ts";
import type { App } from "./app.ts";
import { reapSession } from "./finish-session.ts";

export interface StoppedBottle {
  readonly name: string;
  readonly session: string;
  /** Undefined for a bottle of somebody else */
  readonly receipt: Receipt | undefined;
  /** Why it did not end as it should have */
  readonly problem: string | undefined;
}

/** Bringing back a large repository takes its time */
const limitMs = 120_000;
const pauseMs = 100;

/** Ends it and waits until all of it is gone. Never rejects. */
export async function stopBottle(
  app: App,
  factory: BottleFactory,
  bottle: RunningBottle,
): Promise<StoppedBottle> {
  const { name, session } = bottle;
  const folder = stateFolder(app.world);
  const isKnown = (await findJournal(folder, session)) !== undefined;
  let problem: string | undefined;
  try {
    await factory.endAgent(name);
    if (!bottle.isOwned) problem = (await reapSession(app, factory, session))[0];
    else if (!(await isOver(app, factory, session, isKnown))) {
      problem = `its launcher did not finish within ${limitMs / 1000} s`;
    }
  } catch (error) {
    problem = messageOf(error);
  }
  return { name, session, receipt: isKnown ? await findReceipt(folder, session) : undefined, problem };
}

/** The receipt is the last thing that a launcher writes. Of somebody else's bottle only the engine tells. */
async function isOver(app: App, factory: BottleFactory, session: string, isKnown: boolean): Promise<boolean> {
  const folder = stateFolder(app.world);
  for (
    const giveUpAt = performance.now() + limitMs;
    performance.now() < giveUpAt;
    await setTimeout(pauseMs)
  ) {
    if (isKnown) {
      const receipt = await findReceipt(folder, session);
      if (receipt ? receipt.end !== "running" : !(await findJournal(folder, session))) return true;
    } else if (!(await factory.list()).some((one) => one.session === session)) return true;
  }
  return false;
}
