/** What the ruling has to know of the gate's configuration and of the policy of the moment. */
import { tokenPlaceholder } from "../../protocol/gate.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import type { Policy } from "./policy.ts";
import type { RulingOptions } from "./ruling.ts";

const tlsPort = 443;

/** Rules are those of the moment; secrets are those that the gate began with. */
export function findOwnCredentials(
  { secrets = [], own = [] }: GateConfiguration,
  policy: Policy,
): Omit<RulingOptions, "emit"> {
  const inBottle = own.filter((one) => one.isInBottle).map((one) => one.value);
  const placeholders = [...secrets.map((one) => one.placeholder), tokenPlaceholder];
  const known = new Map<string, ReturnType<RulingOptions["ownAt"]>>();
  const listOwn = (host: string) => {
    const bound = secrets.filter((one) => one.hosts.includes(host)).map((one) => one.placeholder);
    const worthless = new Set(placeholders.filter((one) => !bound.includes(one)));
    return { texts: new Set([...bound, ...inBottle]), worthless };
  };
  return {
    rulesAt: (host) => policy.find({ host, port: tlsPort }).rules,
    isBound: (host) => secrets.some((one) => one.hosts.includes(host)),
    ownAt(host) {
      const found = known.get(host) ?? listOwn(host);
      known.set(host, found);
      return found;
    },
  };
}
