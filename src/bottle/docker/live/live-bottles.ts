/** Fulfils the live part of the contract for Docker: finds the bottle's sidecar and talks to it past its launcher. */
import type { IsAlive } from "../../../core/process-owner.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { LiveBottles } from "../../live.ts";
import { allowHost, denyHost } from "./change-policy.ts";
import { findBottle, findSidecar } from "./find-bottle.ts";
import { whileOurTurn } from "./gate-control.ts";
import { readEgress } from "./read-egress.ts";

/** Connects when a method is called. */
export function makeLiveBottles(connect: () => Promise<Engine>, isAlive: IsAlive): LiveBottles {
  return {
    async allow(request) {
      const engine = await connect();
      const found = await findBottle(engine, request.bottle, isAlive);
      return whileOurTurn(engine, found.gate, () => allowHost(engine, found, request));
    },
    async deny(request) {
      const engine = await connect();
      const found = await findBottle(engine, request.bottle, isAlive);
      return denyHost(engine, found, request);
    },
    async *readEgress({ bottle, isFollowing, signal }) {
      const engine = await connect();
      yield* readEgress(engine, await findBottle(engine, bottle, isAlive), isFollowing, signal);
    },
    async *readSessionEgress(session, signal) {
      const engine = await connect();
      const found = await findSidecar(engine, session);
      if (found) yield* readEgress(engine, found, false, signal);
    },
  };
}
