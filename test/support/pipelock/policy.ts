/** A configuration in force: what requests are judged by until the next reload. */
import { makeAddressRules } from "./addresses.ts";
import type { AddressRules } from "./addresses.ts";
import { loadAuthority } from "./authority.ts";
import type { Authority } from "./authority.ts";
import type { Config } from "./config.ts";
import type { RateLimit } from "./rate-limit.ts";
import { makeSecretFinder } from "./secrets.ts";
import type { SecretFinder } from "./secrets.ts";

export interface Policy {
  readonly config: Config;
  readonly addresses: AddressRules;
  readonly secrets: SecretFinder;
  readonly rateLimit: RateLimit;
  /** Set if TLS is opened */
  readonly authority: Authority | undefined;
}

/** Throws a `Failure` if the CA is not usable. */
export function makePolicy(config: Config, rateLimit: RateLimit): Policy {
  return {
    config,
    addresses: makeAddressRules(config.internal, config.ipAllowlist),
    secrets: makeSecretFinder(config),
    rateLimit,
    authority: config.interception.enabled ? loadAuthority(config.interception) : undefined,
  };
}
