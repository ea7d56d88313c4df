/** What changed between two looks at the bottles, as events for scripts. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { statusOf } from "./watched.ts";
import type { WatchedBottle } from "./watched.ts";

export type WatchEvent =
  | {
      readonly event: "bottle";
      readonly name: string;
      readonly session: string;
      readonly agent: string;
      readonly status: string;
      readonly commits?: number;
      readonly files?: number;
      readonly blocked?: number;
      readonly asks: readonly { readonly host: string; readonly port: number; readonly reason: string }[];
    }
  | { readonly event: "gone"; readonly name: string; readonly session: string }
  | ({ readonly event: "egress"; readonly name: string; readonly session: string } & {
      readonly record: EgressRecord;
    });

/** One event for each bottle that is new or other than before, and for each that is gone. Memory and age are no news. */
export function compareLooks(before: readonly WatchedBottle[], now: readonly WatchedBottle[]): WatchEvent[] {
  const known = new Map(before.map((one) => [one.session, JSON.stringify(describe(one))]));
  const here = new Set(now.map((one) => one.session));
  return [
    ...now.map(describe).filter((one) => known.get(one.session) !== JSON.stringify(one)),
    ...before
      .filter((one) => !here.has(one.session))
      .map(({ name, session }) => ({ event: "gone", name, session }) as const),
  ];
}

function describe(bottle: WatchedBottle): Extract<WatchEvent, { event: "bottle" }> {
  const { name, session, agent, soFar, refused, asks = [] } = bottle;
  return {
    event: "bottle",
    name,
    session,
    agent,
    status: statusOf(bottle),
    ...soFar,
    ...(refused === undefined ? {} : { blocked: refused }),
    asks: asks.map(({ host, port, reason }) => ({ host, port, reason })),
  };
}
