/** Bottles that run already: their policy changed and watched, past their launcher. */
import { readEgress } from "../egress/read-egress.ts";
import { whileOurTurn } from "../gate/gate-control.ts";
import type { LiveBottles } from "../live.ts";
import type { Running } from "../platform/running.ts";
import { allowHost, denyHost, undoHost } from "./change-policy.ts";
import { changeBound } from "./change-bound.ts";
import { findBottle, findSidecar, findWhole } from "./find-bottle.ts";
import { freezeBottle, thawBottle } from "./freeze-bottle.ts";

export function makeLiveBottles(platform: Running): LiveBottles {
  return {
    async allow(request) {
      const found = await findBottle(platform, request.session);
      return whileOurTurn(found.gate, () => allowHost(found, request));
    },
    async deny(request) {
      return denyHost(await findBottle(platform, request.session), request);
    },
    async undo(request) {
      return undoHost(await findBottle(platform, request.session), request);
    },
    async changeBound({ session, ...bound }) {
      const { bottle, gate } = await findBottle(platform, session);
      return { bottle: bottle.name, bounds: await changeBound(gate, bound) };
    },
    async freeze(session) {
      const found = await findWhole(platform, session);
      const { how } = await freezeBottle(found);
      return { bottle: found.bottle.name, takesCommands: how === "stopped" };
    },
    async thaw(session) {
      const found = await findWhole(platform, session);
      await thawBottle(found);
      return found.bottle.name;
    },
    async *readEgress({ session, isFollowing, signal }) {
      yield* readEgress(await findBottle(platform, session), isFollowing, signal);
    },
    async *readSessionEgress(session, signal) {
      const found = await findSidecar(platform, session);
      if (found) yield* readEgress(found, false, signal);
    },
  };
}
