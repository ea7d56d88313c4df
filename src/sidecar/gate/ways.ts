/** The ways out of a gate, as its configuration wants them: with pipelock or without, and with an upstream proxy or without. */
import { isDirect } from "../../core/no-proxy.ts";
import { matchesHostPattern } from "../../core/host-name.ts";
import type { GateConfiguration, GateProxy } from "../../protocol/gate.ts";
import { dialDirectly } from "./dial-directly.ts";
import type { FilterWatch } from "./filter-watch.ts";
import { refuseForbidden } from "./forbidden-addresses.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { makeOuterLegs } from "./outer-legs.ts";
import type { OuterLegs } from "./outer-legs.ts";
import { answerNames } from "./own-names.ts";
import { makePlainForwarder } from "./plain-forwarder.ts";
import type { PlainForwarder } from "./proxy.ts";
import { throughPipelock } from "./through-pipelock.ts";
import { throughProxy } from "./through-proxy.ts";
import type { Target, WayOut } from "./way-out.ts";

export interface Ways {
  readonly wayOut: WayOut;
  /** Past pipelock, for pairs in which nothing is looked for */
  readonly directWayOut: WayOut;
  readonly plain: PlainForwarder | undefined;
}

/** `filter` is undefined without pipelock. */
export async function openWays(
  configuration: GateConfiguration,
  pipelockPort: number,
  filter: FilterWatch | undefined,
): Promise<Ways> {
  const { proxy } = configuration;
  if (!proxy) {
    const directWayOut = dialDirectly();
    if (!filter) return { wayOut: directWayOut, directWayOut, plain: undefined };
    const plain = makePlainForwarder(pipelockPort, filter);
    return { wayOut: throughPipelock(pipelockPort, filter), directWayOut, plain };
  }
  const beyond = judgeAnswers(proxy.nameservers, throughProxy(proxy));
  const directWayOut = chooseByTarget(proxy, dialDirectly(), beyond);
  if (!filter) return { wayOut: directWayOut, directWayOut, plain: undefined };
  const legs = makeOuterLegs(beyond);
  await answerNames(proxy, legs.find);
  // Of what the proxy looks up the leg takes care; addresses are dialled, and judged, as ever
  const judge = (target: Target) =>
    isDirect(target.host, proxy.direct) ? refuseForbidden(target) : Promise.resolve();
  const inner = throughPipelock(pipelockPort, filter, judge);
  const isOpenedLater = findOpenedLater(configuration);
  return {
    wayOut: chooseByTarget(proxy, inner, throughLegs(legs, inner, isOpenedLater)),
    directWayOut,
    plain: lendWhile(proxy, legs, makePlainForwarder(pipelockPort, filter, judge)),
  };
}

function chooseByTarget({ direct }: GateProxy, past: WayOut, through: WayOut): WayOut {
  return (target) => (isDirect(target.host, direct) ? past(target) : through(target));
}

/** pipelock connects to a host whose TLS it opens when the first request comes, and again as it likes. */
function findOpenedLater({ destinations }: GateConfiguration): (target: Target) => boolean {
  const opened = destinations.filter((one) => one.isInspected).map((one) => one.host);
  return ({ host }) => opened.some((pattern) => matchesHostPattern(host, pattern));
}

function throughLegs(legs: OuterLegs, inner: WayOut, isOpenedLater: (target: Target) => boolean): WayOut {
  return async (target) => {
    const lease = await legs.lend(target);
    try {
      const upstream = await inner(target);
      upstream.socket.once("close", lease.giveBack);
      if (isOpenedLater(target)) return upstream;
      await lease.opened().catch((error: unknown) => {
        upstream.socket.destroy();
        throw error;
      });
      return upstream;
    } catch (error) {
      lease.giveBack();
      throw error;
    }
  };
}

/** The request is pipelock's own, which connects while it lasts. */
function lendWhile({ direct }: GateProxy, legs: OuterLegs, plain: PlainForwarder): PlainForwarder {
  return async (agent, request, early) => {
    if (isDirect(request.host, direct)) return plain(agent, request, early);
    const lease = await legs.lend(request);
    try {
      return await plain(agent, request, early);
    } finally {
      lease.giveBack();
    }
  };
}
