/** How many pairs were refused so far and what the agent asks for, from the end of the gate's log where that tells it. */
import { redactHost } from "../../core/redact.ts";
import { parseGateEvent } from "../../protocol/gate-events.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { Part } from "../platform/part.ts";
import type { OpenAsk } from "../sessions.ts";
import { readGateRecord } from "./egress-records.ts";
import { OpenAsks } from "./open-asks.ts";
import { readEgress, readFilterLog } from "./read-egress.ts";
import type { Sidecar } from "./read-egress.ts";
import { readTimedLines } from "./timed-lines.ts";

/** The gate tells its counts after every 100 events, and a line about lines that were left out may stand in front of each */
const lastLines = 300;

interface Network {
  readonly refused: number;
  readonly asks: readonly OpenAsk[];
  readonly isFrozen: boolean;
}

type Counts = Extract<GateEvent, { event: "counts" }>;

/** The whole log is the way for gates of earlier versions, and for one that took the place of another. */
export async function readNetwork({ gate, pipelock }: Sidecar, signal: AbortSignal): Promise<Network> {
  const [end, filtered] = await Promise.all([
    readEnd(gate, signal),
    pipelock === undefined ? [] : readFilterLog(pipelock, signal),
  ]);
  const pairs = new Set(filtered.flatMap(refusedPair));
  return (end && addFilter(end, pairs)) ?? readWhole(gate, pairs, signal);
}

interface End {
  readonly counts: Counts;
  readonly asks: OpenAsks;
  readonly isFrozen: boolean;
}

/** Undefined if the end does not tell it. */
async function readEnd(gate: Part, signal: AbortSignal): Promise<End | undefined> {
  let end: End | undefined;
  const log = gate.readLogs({ isFollowing: false, tail: lastLines, hasTimes: true, signal });
  for await (const { time, event: fields } of readTimedLines(log)) {
    const event = parseGateEvent(fields);
    // Of a gate that has ended meanwhile
    if (event?.event === "ready") end = undefined;
    if (event?.event === "counts")
      end = { counts: event, asks: openAsksOf(event), isFrozen: event.isFrozen === true };
    const record = event && readGateRecord(time, event);
    if (record) end?.asks.note(record);
    if (event?.event === "freeze" && end) end = { ...end, isFrozen: event.state === "frozen" };
  }
  return end;
}

function openAsksOf({ asks }: Counts): OpenAsks {
  const open = new OpenAsks();
  for (const one of asks) {
    const record = readGateRecord(one.time, { ...one, event: "ask", id: "", state: "open" });
    if (record) open.note(record);
  }
  return open;
}

/** With what the filter alone refused; undefined where that cannot be told apart. */
function addFilter({ counts, asks, isFrozen }: End, filtered: ReadonlySet<string>): Network | undefined {
  const { refused, both } = counts;
  if (both === null && filtered.size > 0) return undefined;
  const known = new Set(both?.map(({ host, port }) => `${redactHost(host)}:${port ?? ""}`));
  const others = [...filtered].filter((pair) => !known.has(pair));
  return { refused: refused + others.length, asks: asks.list(), isFrozen };
}

async function readWhole(gate: Part, filtered: ReadonlySet<string>, signal: AbortSignal): Promise<Network> {
  const pairs = new Set(filtered);
  const asks = new OpenAsks();
  let isFrozen = false;
  for await (const record of readEgress({ gate, pipelock: undefined }, false, signal)) {
    asks.note(record);
    if (record.kind === "freeze") isFrozen = record.code === "frozen";
    for (const pair of refusedPair(record)) pairs.add(pair);
  }
  return { refused: pairs.size, asks: asks.list(), isFrozen };
}

function refusedPair({ verdict, host, port }: EgressRecord): string[] {
  return verdict === "refused" && host !== undefined ? [`${host}:${port ?? ""}`] : [];
}
