/** `watch --json`: what changes, one object a line, until the signal comes. */
import { setTimeout as sleep } from "node:timers/promises";
import { renderJson } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import { makeLooker } from "./look.ts";
import { compareLooks } from "./watch-events.ts";
import type { WatchEvent } from "./watch-events.ts";
import type { WatchedBottle } from "./watched.ts";

const pauseMs = 1_000;

/** Begins with an event for each bottle that runs. */
export async function streamEvents(app: App, signal: AbortSignal): Promise<void> {
  const { stdout } = app.world;
  const write = (event: WatchEvent) => void stdout.write(`${renderJson(event)}\n`);
  const looker = makeLooker(app);
  const followed = new Map<string, AbortController>();
  let before: readonly WatchedBottle[] = [];
  while (!signal.aborted) {
    const now = await looker.look();
    for (const event of compareLooks(before, now)) write(event);
    for (const one of now)
      if (!followed.has(one.session)) followed.set(one.session, follow(app, one, write, signal));
    for (const [session, end] of followed)
      if (!now.some((one) => one.session === session)) {
        end.abort();
        followed.delete(session);
      }
    before = now;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What goes on at its way out, from its beginning. */
function follow(
  app: App,
  { name, session }: WatchedBottle,
  write: (event: WatchEvent) => void,
  signal: AbortSignal,
): AbortController {
  const end = new AbortController();
  const read = async () => {
    const bottles = await app.openBottles();
    const request = { session, isFollowing: true, signal: AbortSignal.any([signal, end.signal]) };
    for await (const record of bottles.readEgress(request)) write({ event: "egress", name, session, record });
  };
  // A bottle of somebody else, or one that has just ended, has nothing to tell
  void read().catch(() => undefined);
  return end;
}
