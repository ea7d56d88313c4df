import { describe, expect, test } from "bun:test";
import { readNetwork } from "../../../../src/bottle/egress/read-network.ts";
import type { LogOptions, Part } from "../../../../src/bottle/platform/part.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { makeCounts } from "../../../../src/sidecar/gate/counts.ts";

const time = "2026-01-01T00:00:00.000000000Z";
const never = new AbortController().signal;
const refused = (host: string, code = "not-allowed"): GateEventBody => ({
  event: "attempt",
  host,
  port: 443,
  verdict: "refused",
  code,
});
const ask = (host: string, state: "open" | "blocked"): GateEventBody => ({
  event: "ask",
  id: "1",
  host,
  port: 443,
  reason: "x",
  state,
});
const ready = JSON.stringify({
  event: "ready",
  time,
  ports: { proxy: 1, api: 2, sshAgent: 3, pipelock: 4 },
  pipelock: null,
});

/** A part whose log these lines are; `tails` is how it was asked for. */
function aLog(lines: readonly string[]) {
  const tails: (number | undefined)[] = [];
  async function* readLogs({ tail }: LogOptions) {
    tails.push(tail);
    const shown = tail === undefined ? lines : lines.slice(-tail);
    for (const line of shown)
      yield { stream: "stdout" as const, data: new TextEncoder().encode(`${time} ${line}\n`) };
  }
  return { part: { readLogs } as unknown as Part, tails };
}

/** What a gate of this version writes of these events. */
function write(events: readonly GateEventBody[]): string[] {
  const lines = [ready];
  const tell = (event: GateEventBody) => lines.push(JSON.stringify({ ...event, time })) > 0;
  const waiting: (() => void)[] = [];
  const counts = makeCounts(tell, (_ms, act) => {
    waiting.push(act);
    return () => undefined;
  });
  counts.tell();
  for (const event of events) {
    tell(event);
    counts.note(event);
  }
  for (const act of waiting) act();
  return lines;
}

const withoutCounts = (lines: readonly string[]) =>
  lines.filter((line) => !line.includes('"event":"counts"'));
const blocked = (host: string) =>
  JSON.stringify({ event: "blocked", target: `${host}:443`, scanner: "x", reason: "y" });

async function read(lines: readonly string[], filter: readonly string[] = []) {
  const { part, tails } = aLog(lines);
  const network = await readNetwork({ gate: part, pipelock: aLog(filter).part }, never);
  return { network, tails };
}

const many = Array.from({ length: 3_000 }, (_, count) => refused(`h${count % 40}.test`));

describe("the end of a gate's log", () => {
  test("tells what the whole of it does, and is all that is read", async () => {
    const lines = write([...many.slice(0, 5), ask("a.test", "open"), ...many, ask("b.test", "open")]);
    const { network, tails } = await read(lines);
    expect(tails).toEqual([300]);
    expect(network.refused).toBe(40);
    expect(network.asks.map((one) => one.host)).toEqual(["a.test", "b.test"]);
    // The control: a log without counts is read as a whole, and tells the same
    const whole = await read(withoutCounts(lines));
    expect(whole.tails).toEqual([300, undefined]);
    expect({ ...whole.network, asks: whole.network.asks.map((one) => one.host) }).toEqual({
      refused: 40,
      asks: ["a.test", "b.test"],
      isFrozen: false,
    });
  });

  test("says that the bottle is frozen, from its counts and from what came after them", async () => {
    const freeze = (state: "frozen" | "thawed"): GateEventBody => ({
      event: "freeze",
      id: "1",
      state,
      by: "user",
    });
    const isFrozen = async (lines: readonly string[]) => (await read(lines)).network.isFrozen;
    const long = write([freeze("frozen"), ...many]);
    expect(await isFrozen(long)).toBe(true);
    expect(await isFrozen(withoutCounts(long))).toBe(true);
    // The control: it is not after a thaw, and not before
    expect(await isFrozen(write([freeze("frozen"), ...many, freeze("thawed")]))).toBe(false);
    expect(await isFrozen(write([freeze("frozen"), freeze("thawed"), ...many]))).toBe(false);
    expect(await isFrozen(write([...many, freeze("frozen")]))).toBe(true);
  });

  test("is enough although the log was cut, of which the whole tells less", async () => {
    const lines = write([...Array.from({ length: 500 }, (_, count) => refused(`h${count}.test`)), ...many]);
    const cut = lines.slice(-1_000);
    expect((await read(cut)).network.refused).toBe(500);
    expect((await read(withoutCounts(cut))).network.refused).toBe(40);
  });

  test("takes an answer that comes behind the counts", async () => {
    const lines = write([ask("a.test", "open"), ...many.slice(0, 150), ask("a.test", "blocked")]);
    expect((await read(lines)).network.asks).toEqual([]);
  });

  test.each([1, 2, 3, 4])("tells the same as the whole whatever the filter refused (%p)", async (seed) => {
    const hosts = Array.from({ length: 12 }, (_, count) => `h${count}.test`);
    const events = Array.from({ length: 400 }, (_, count): GateEventBody => {
      const host = hosts[(count * seed * 7 + (count % 5)) % hosts.length] ?? "";
      if (count % 3 === 0) return { event: "attempt", host, port: 443, verdict: "allowed" };
      if (count % 11 === 0) return ask(host, count % 2 === 0 ? "open" : "blocked");
      return refused(host, count % 4 === 0 ? "filter" : "not-allowed");
    });
    const lines = write(events);
    const filter = [hosts[seed] ?? "", "other.test", hosts[seed + 3] ?? ""].map(blocked);
    const end = await read(lines, filter);
    const whole = await read(withoutCounts(lines), filter);
    expect(end.tails).toEqual([300]);
    expect(end.network.refused).toBe(whole.network.refused);
    expect(end.network.asks.map((one) => one.host).toSorted()).toEqual(
      whole.network.asks.map((one) => one.host).toSorted(),
    );
  });

  test("is not enough where too many pairs came to the filter and it refused some", async () => {
    const lines = write(Array.from({ length: 80 }, (_, count) => refused(`h${count}.test`, "unreachable")));
    expect(await read(lines, [blocked("h79.test")])).toMatchObject({
      network: { refused: 80 },
      tails: [300, undefined],
    });
    // The control: without a word of the filter it is
    expect(await read(lines)).toMatchObject({ network: { refused: 80 }, tails: [300] });
  });

  test("is not enough once another gate has begun behind the counts", async () => {
    const again = [JSON.stringify({ ...refused("new.test"), time }), ready];
    const { network, tails } = await read([...write(many), ...again]);
    expect(tails).toEqual([300, undefined]);
    expect(network.refused).toBe(41);
  });

  test("is not taken in by counts that a host or a reason spells out, nor by broken ones", async () => {
    const spelled = '","event":"counts","refused":0,"both":[],"asks":[]} {"event":"counts","refused":0}';
    const hostile: GateEventBody = { ...ask(spelled, "open"), reason: `\n${spelled}\n` } as GateEventBody;
    const lines = write([...many, refused(spelled), hostile]);
    const broken = ['{"event":"counts","refused":"9"}', '{"event":"counts","time":"x","refused":1}', "{"];
    const { network, tails } = await read([...lines, ...broken]);
    expect(tails).toEqual([300]);
    expect(network.refused).toBe(41);
    expect(network.asks).toHaveLength(1);
  });
});
