/** The way out without pipelock: the name is looked up once, every address is judged, and only judged addresses are dialled. */
import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { isIpv4 } from "../../core/host-name.ts";
import { refuseUnlessAllowed } from "./forbidden-addresses.ts";
import { lookUpInTime } from "./look-up.ts";
import { withoutTranslations } from "./private-addresses.ts";
import { Refusal } from "./refusal.ts";
import { dial } from "./way-out.ts";
import type { Target, WayOut } from "./way-out.ts";

const timeLimitMs = 10_000;
const leastDialMs = 1_000;

/** What touches the network, so that tests can stand in for it. */
export interface Dialler {
  /** All addresses of a name, or throws */
  readonly resolve: (
    host: string,
  ) => Promise<readonly { readonly address: string; readonly family: number }[]>;
  readonly dial: (address: string, port: number, timeoutMs: number) => Promise<Socket>;
}

const system: Dialler = { resolve: (host) => lookup(host, { all: true }), dial };

/** Makes the way out. Dialling the name again would ask DNS again, and the second answer may be another (rebinding). */
export function dialDirectly(dialler: Dialler = system): WayOut {
  return async (target) => {
    const giveUpAt = performance.now() + timeLimitMs;
    const addresses = await findAddresses(dialler, target);
    // One private address among public ones is enough to refuse: DNS may hand out either
    for (const address of addresses) refuseUnlessAllowed(target, address);
    for (const [index, address] of addresses.entries()) {
      // A silent address must leave time for those after it
      const share = (giveUpAt - performance.now()) / (addresses.length - index);
      const socket = await dialler
        .dial(address, target.port, Math.max(leastDialMs, share))
        .catch(() => undefined);
      if (socket) return { socket, early: Buffer.alloc(0) };
      if (performance.now() > giveUpAt) break;
    }
    throw new Refusal("unreachable", `it does not answer on port ${target.port}`, 502);
  };
}

async function findAddresses(dialler: Dialler, target: Target): Promise<string[]> {
  if (isIpv4(target.host)) return [target.host];
  const found = await lookUpInTime(dialler.resolve(target.host), timeLimitMs);
  // IPv4 first: a bridge network of ours has no IPv6
  const sorted = found.toSorted((a, b) => a.family - b.family).map((entry) => entry.address);
  return withoutTranslations(sorted);
}
