/** Counts how often a host sent a real value back, and closes the way to one that does so again and again. */
import type { SecretUses } from "./bound-uses.ts";
import { Refusal } from "./refusal.ts";

/**
 * A page shows a token once or a few times. Whoever has a host answer whether the secret begins with this or that needs an answer with
 * the secret in it for every right guess, dozens in all.
 */
export const mostReturned = 48;

export interface SecretReturns {
  /** A value was taken out of an answer of this host. Throws a `Refusal` once there were too many. */
  note(name: string, host: string): void;
  /** Throws a `Refusal` if there were. */
  requireOpen(host: string): void;
}

/** For one gate; a host stays closed as long as it runs. */
export function makeSecretReturns(uses: Pick<SecretUses, "returned">): SecretReturns {
  const counts = new Map<string, number>();
  const requireOpen = (host: string) => {
    if ((counts.get(host) ?? 0) <= mostReturned) return;
    throw new Refusal(
      "filter",
      `the host has sent a secret back more than ${mostReturned} times, so the way to it is closed for this session`,
    );
  };
  return {
    note(name, host) {
      counts.set(host, (counts.get(host) ?? 0) + 1);
      uses.returned(name, host);
      requireOpen(host);
    },
    requireOpen,
  };
}
