/** What a host that is allowed in part allows, as the sidecar gets it. */

/** From the loosest on. `any`: nobody looks. `own`: without a credential or with this bottle's. `required`: with this bottle's */
export const accountRules = ["any", "own", "required"] as const;

export type AccountRule = (typeof accountRules)[number];

export interface HostRules {
  /** In the grammar of `http-rule.ts` */
  readonly allow: readonly string[];
  readonly account: AccountRule;
}

/** What either allows; the stricter word on accounts is for both. */
export function joinRules(one: HostRules, other: HostRules): HostRules {
  return {
    allow: [...new Set([...one.allow, ...other.allow])],
    account: strictestAccount([one.account, other.account]),
  };
}

/** Of at least one. */
export function strictestAccount(accounts: readonly AccountRule[]): AccountRule {
  return accountRules.findLast((one) => accounts.includes(one)) ?? "required";
}
