/** The addresses that no grant opens, kept closed in front of pipelock too: it trusts a private host with every address there is. */
import { lookup } from "node:dns/promises";
import { isIpv4 } from "../../core/host-name.ts";
import { lookUpInTime } from "./look-up.ts";
import { classifyAddress } from "./private-addresses.ts";
import { Refusal } from "./refusal.ts";
import type { Target } from "./way-out.ts";

/** All addresses of a name, or throws */
type Resolve = (host: string) => Promise<readonly string[]>;

const timeLimitMs = 5_000;

const system: Resolve = async (host) => (await lookup(host, { all: true })).map((entry) => entry.address);

/**
 * Refuses a private host that leads to this machine's own addresses or to the link's, where clouds keep their metadata service.
 * pipelock looks the name up again; whoever answers it differently within those milliseconds still gets past. Other hosts need no
 * look: pipelock refuses every private address for them.
 */
export async function refuseForbidden(target: Target, resolve: Resolve = system): Promise<void> {
  if (!target.isPrivate) return;
  // A name that does not resolve here does not resolve for pipelock either
  const addresses = isIpv4(target.host)
    ? [target.host]
    : await lookUpInTime(resolve(target.host), timeLimitMs);
  const bad = addresses.find((address) => classifyAddress(address) === "forbidden");
  if (bad === undefined) return;
  throw new Refusal(
    "private-address",
    `it leads to ${bad}, which is this machine's or its link's own and never let through`,
  );
}
