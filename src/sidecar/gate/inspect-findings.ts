/** What is done about a finding: it is told, counted, and unless the manifest allows its rule at this host, the request is blocked. */
import { createHmac, randomBytes } from "node:crypto";
import { makeCountedEvents } from "./counted-events.ts";
import type { Emit } from "./events.ts";
import type { Finding } from "./inspect/looker.ts";
import type { GateFindingEvent } from "../../protocol/gate-events.ts";
import { Refusal } from "./refusal.ts";

/** A finding that blocks a request. */
export interface Blocking {
  readonly rule: string;
  /** Hostile when printed */
  readonly where: string;
  readonly fingerprint: string;
}

export interface FindingReports {
  /** Tells what was found and gives what blocks it, if anything does. */
  judge(
    found: readonly (Finding & { readonly where: string })[],
    host: string,
    allowed: readonly string[],
  ): Blocking | undefined;
  /** Reports at once what still waits for the next second: there will be none */
  settle(): void;
}

const longestWhere = 120;

/**
 * Equal fingerprints are of equal secrets; nobody can tell by one which secret it is, since the key that it is made with is as old as the
 * gate and known to it alone. Of a secret of the session it is made without the secret.
 */
export function makeFindingReports(
  emit: Emit,
  clock?: () => number,
  later?: (act: () => void) => void,
): FindingReports {
  const key = randomBytes(32);
  const events = makeCountedEvents<Omit<GateFindingEvent, "count" | "first">>(
    (count) => emit({ event: "finding", ...count }),
    clock,
    later,
  );
  return {
    judge(found, host, allowed) {
      let blocking: Blocking | undefined;
      for (const { rule, text, where, isTold } of found) {
        const isAllowed = allowed.includes(rule);
        const verdict = isAllowed ? "allowed" : isTold ? "told" : "blocked";
        const one = {
          rule,
          where: where.slice(0, longestWhere),
          fingerprint: makeFingerprint(key, rule, text),
        };
        const told = { host, ...one, verdict } as const;
        events.note(told, { ...told, where: "several places", fingerprint: "several" });
        if (verdict === "blocked") blocking ??= one;
      }
      return blocking;
    },
    settle: () => events.settle(),
  };
}

function makeFingerprint(key: Buffer, rule: string, text: string): string {
  return createHmac("sha256", key).update(`${rule}\0${text}`).digest("hex").slice(0, 12);
}

/** What the agent reads. */
export class BlockedRequest extends Refusal {
  readonly blocking: Blocking;

  constructor(blocking: Blocking, host: string) {
    const { rule, where, fingerprint } = blocking;
    super(
      "secret",
      `it holds a secret (${rule}) in ${JSON.stringify(where).slice(1, -1)}, fingerprint ${fingerprint}. Nothing more of it was sent. Ask the user; to let this kind through to this host they write "inspect": [{ "host": "${host}", "allow": ["${rule}"] }] in claude-bottle.json`,
    );
    this.blocking = blocking;
  }
}
