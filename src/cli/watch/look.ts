/** Looks at all bottles every second, and less often at what costs more. */
import type { SoFar } from "../../bottle/sessions.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { findJournal, listJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../../session/app.ts";
import { readRunningEgress } from "../../session/resolve/session-egress.ts";
import { listWithDetails } from "../render/list-bottles.ts";
import { sortWatched } from "./watched.ts";
import type { WatchedBottle } from "./watched.ts";

/** Each look at what an agent has made starts git in its bottle */
const soFarPauseMs = 10_000;

interface Remembered {
  soFar: SoFar | undefined;
  at: number;
  isReading: boolean;
}

export interface Looker {
  /** All bottles now; the engine's errors are the caller's */
  look(): Promise<readonly WatchedBottle[]>;
  /** Empty where its sidecar does not answer */
  readEgress(session: string): Promise<readonly EgressRecord[]>;
}

/** `clock` in milliseconds. */
export function makeLooker(app: App, clock: () => number = () => performance.now()): Looker {
  const remembered = new Map<string, Remembered>();
  const refresh = (session: string): Remembered => {
    const known = remembered.get(session) ?? { soFar: undefined, at: -Infinity, isReading: false };
    remembered.set(session, known);
    if (known.isReading || clock() - known.at < soFarPauseMs) return known;
    known.isReading = true;
    void readSoFar(app, session)
      .then((soFar) => (known.soFar = soFar ?? known.soFar))
      .catch(() => undefined)
      .finally(() => {
        known.isReading = false;
        known.at = clock();
      });
    return known;
  };
  return {
    async look() {
      const [listed, entries] = await Promise.all([
        listWithDetails(app),
        listJournal(stateFolder(app.world)),
      ]);
      // An engine may be shared with other people
      const own = new Set(entries.map((entry) => entry.session));
      return sortWatched(
        listed
          .filter((one) => own.has(one.session))
          .map((one) => ({
            ...one,
            soFar:
              one.workspace !== undefined && one.state === "running" ? refresh(one.session).soFar : undefined,
          })),
      );
    },
    readEgress: (session) => readRunningEgress(app, session).catch(() => []),
  };
}

async function readSoFar(app: App, session: string): Promise<SoFar | undefined> {
  const entry = await findJournal(stateFolder(app.world), session);
  const repository = entry?.workspace?.repositories.find((one) => one.path === "");
  if (!repository) return undefined;
  const bottles = await app.openBottles();
  return bottles.readSoFar(session, [...new Set([repository.head, ...repository.tips])]);
}
