/**
 * What can be known of a host that a proxy looks up: if the nameservers of this network have an address for it, the same is asked of that
 * address as without a proxy. Behind many proxies they have none, and then the proxy alone decides where the name leads.
 */
import { Resolver } from "node:dns/promises";
import { refuseUnlessAllowed } from "./forbidden-addresses.ts";
import { withoutTranslations } from "./private-addresses.ts";
import type { WayOut } from "./way-out.ts";

const timeLimitMs = 1_500;
/** Nameservers that were silent are left alone for so long: every connection would wait for them */
const restMs = 60_000;
/** What nameservers say of a name that they do not know, and of one without such an address */
const plainAnswers: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA", "ESERVFAIL", "EREFUSED"]);

/** All addresses of a name. Throws what Node's resolver throws. */
type Resolve = (host: string) => Promise<readonly string[]>;

/** Puts the question in front of a way out. */
export function judgeAnswers(
  nameservers: readonly string[],
  wayOut: WayOut,
  resolve: Resolve = askThem(nameservers),
): WayOut {
  if (nameservers.length === 0) return wayOut;
  let restUntil = 0;
  return async (target) => {
    if (performance.now() >= restUntil) {
      const addresses = await resolve(target.host).catch((error: NodeJS.ErrnoException) => {
        if (!plainAnswers.has(error.code)) restUntil = performance.now() + restMs;
        return [];
      });
      for (const address of withoutTranslations(addresses)) refuseUnlessAllowed(target, address);
    }
    return wayOut(target);
  };
}

function askThem(nameservers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: timeLimitMs, tries: 1 });
  if (nameservers.length > 0) resolver.setServers(nameservers);
  return (host) => resolver.resolve4(host);
}
