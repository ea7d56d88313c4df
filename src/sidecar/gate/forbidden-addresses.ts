/** The addresses that no grant opens, kept closed in front of pipelock too: it trusts a private host with every address there is. */
import { lookup, resolve4, resolve6 } from "node:dns/promises";
import { isIpv4 } from "../../core/host-name.ts";
import { lookUpInTime } from "./look-up.ts";
import { classifyAddress, embeddedIpv4, withoutTranslations } from "./private-addresses.ts";
import { Refusal } from "./refusal.ts";
import type { Target } from "./way-out.ts";

/** All addresses of a name, or throws */
type Resolve = (host: string) => Promise<readonly string[]>;

export interface Resolver {
  /** As the system does, with its file of hosts */
  readonly all: Resolve;
  /** Asked of DNS alone */
  readonly ipv6: Resolve;
  readonly ipv4: Resolve;
}

const timeLimitMs = 5_000;

const system: Resolver = {
  all: async (host) => (await lookup(host, { all: true })).map((entry) => entry.address),
  ipv6: resolve6,
  ipv4: resolve4,
};

/**
 * Refuses a private host that leads to this machine's own addresses or to the link's, where clouds keep their metadata service, and any
 * host that leads to an IPv4 address inside of an IPv6 one: pipelock 2.3.0 takes it for public, and a translator on the way would lead
 * it to a private network. pipelock looks the name up again; whoever answers it differently within those milliseconds still gets past.
 */
export async function refuseForbidden(target: Target, resolver: Resolver = system): Promise<void> {
  if (isIpv4(target.host)) return target.isPrivate ? refuseAmong([target.host]) : undefined;
  if (target.isPrivate)
    // A name that does not resolve here does not resolve for pipelock either
    return refuseAmong(withoutTranslations(await lookUpInTime(resolver.all(target.host), timeLimitMs)));
  // pipelock judges every other address, and says whether the name resolves
  const carrying = (await answerOrNone(resolver.ipv6(target.host))).filter((one) => embeddedIpv4(one));
  if (carrying.length === 0) return;
  const others = await answerOrNone(resolver.ipv4(target.host));
  refuseAmong(withoutTranslations([...others, ...carrying]).filter((one) => embeddedIpv4(one)));
}

/** pipelock judges those of private networks. */
function refuseAmong(addresses: readonly string[]): void {
  for (const address of addresses) refuseUnlessAllowed({ isPrivate: true }, address);
}

/** Refuses one address of a host that its grant does not open. */
export function refuseUnlessAllowed({ isPrivate }: Pick<Target, "isPrivate">, address: string): void {
  const kind = classifyAddress(address);
  if (kind === "public" || (kind === "private" && isPrivate)) return;
  const state =
    kind === "private"
      ? "on a private network"
      : embeddedIpv4(address)
        ? "an IPv4 address inside of an IPv6 one and never allowed"
        : "this machine's or its link's own and never allowed";
  throw new Refusal("private-address", `it leads to ${address}, which is ${state}`);
}

function answerOrNone(answer: Promise<readonly string[]>): Promise<readonly string[]> {
  return lookUpInTime(answer, timeLimitMs).catch(() => []);
}
