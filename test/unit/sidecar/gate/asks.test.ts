/** Requests of an agent for hosts: answered by the policy, limited, and nothing that opens anything by itself. */
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { makeAsks } from "../../../../src/sidecar/gate/asks.ts";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import { makeClock } from "../../../support/clock.ts";

const minuteMs = 60_000;

function world() {
  const clock = makeClock();
  const policy = new Policy([tls("*.granted.test")], clock.schedule);
  const events: GateEventBody[] = [];
  const asks = makeAsks(policy, (event) => void events.push(event), clock.schedule);
  const gone = new AbortController();
  const ask = (host: string, { reason = "to install", waitMs = minuteMs } = {}) =>
    asks.ask({ pair: { host, port: 443 }, protocol: "tls", reason, waitMs, signal: gone.signal });
  const states = () =>
    events.flatMap((one) => (one.event === "ask" ? [`${one.host} ${one.state}`] : [`${one.event}`]));
  return { clock, policy, events, ask, states, gone };
}

function tls(host: string) {
  return { host, port: 443, protocol: "tls", isPrivate: false } as const;
}

const verdictOf = async (answer: Promise<{ readonly verdict: string }>) => (await answer).verdict;

test("a request waits for the user's yes, and opens nothing before", async () => {
  const { policy, ask, states, events } = world();
  const answer = ask("new.test");
  expect(policy.judge({ host: "new.test", port: 443 })).toBe("open");
  expect(events).toEqual([
    {
      event: "ask",
      id: expect.any(String),
      host: "new.test",
      port: 443,
      reason: "to install",
      state: "open",
    },
  ]);
  // The control: a yes opens it
  policy.allow(tls("new.test"));
  expect(await verdictOf(answer)).toBe("allowed");
  expect(states()).toEqual(["new.test open", "new.test allowed"]);
});

test("a yes to a pattern, and to a host for a time, answers too; one to another host does not", async () => {
  const { policy, ask, clock, states } = world();
  const one = ask("a.new.test");
  const other = ask("timed.test");
  policy.allow(tls("b.new.test"));
  expect(states()).toEqual(["a.new.test open", "timed.test open"]);
  policy.allow(tls("*.new.test"));
  policy.allow(tls("timed.test"), 1_000);
  expect([await verdictOf(one), await verdictOf(other)]).toEqual(["allowed", "allowed"]);
  clock.advance(1_000);
  // The time is over: it is neither allowed nor blocked, and may be asked for again
  void ask("timed.test");
  expect(states().at(-1)).toBe("timed.test open");
});

test("what is blocked stays blocked: asking again is answered at once and tells the user nothing", async () => {
  const { policy, ask, states } = world();
  const answer = ask("evil.test");
  policy.deny("evil.test", 443);
  expect(await verdictOf(answer)).toBe("blocked");
  for (let time = 0; time < 50; time += 1) expect(await verdictOf(ask("evil.test"))).toBe("blocked");
  expect(states()).toEqual(["evil.test open", "evil.test blocked"]);
});

test("a host that is allowed already needs no question", async () => {
  const { ask, states } = world();
  expect(await verdictOf(ask("a.granted.test"))).toBe("allowed");
  expect(states()).toEqual([]);
});

test("a wait ends, the request stands, and asking again joins it with its first reason", async () => {
  const { clock, policy, ask, events } = world();
  const first = ask("slow.test");
  clock.advance(minuteMs - 1);
  expect(await Promise.race([verdictOf(first), "nothing yet"])).toBe("nothing yet");
  clock.advance(1);
  expect(await verdictOf(first)).toBe("waiting");
  const second = ask("slow.test", { reason: "something else" });
  expect(events).toHaveLength(1);
  policy.allow(tls("slow.test"));
  expect(await verdictOf(second)).toBe("allowed");
  expect(events.map((one) => one.event === "ask" && one.reason)).toEqual(["to install", "to install"]);
});

test("a request that nobody answers for an hour is closed, and whoever waits hears that there is no answer", async () => {
  const { clock, ask, states } = world();
  const answer = ask("old.test", { waitMs: 2 * 60 * minuteMs });
  clock.advance(60 * minuteMs - 1);
  expect(states()).toEqual(["old.test open"]);
  clock.advance(1);
  expect(states()).toEqual(["old.test open", "old.test expired"]);
  expect(await verdictOf(answer)).toBe("waiting");
});

test("an asker that goes away waits no more, and its request stands", async () => {
  const { ask, gone, policy, states } = world();
  const answer = ask("left.test");
  gone.abort();
  expect(await verdictOf(answer)).toBe("waiting");
  expect(await verdictOf(ask("left.test"))).toBe("waiting");
  policy.allow(tls("left.test"));
  expect(states()).toEqual(["left.test open", "left.test allowed"]);
});

test("a flood is refused: five at once, then one a minute, eight open, two hundred in all", async () => {
  const { clock, ask, states } = world();
  const opened = () => states().filter((one) => one.endsWith(" open")).length;
  const flood = Array.from({ length: 1_000 }, (_, index) => ask(`h${index}.test`));
  // The control: as many as may be open are opened
  expect(opened()).toBe(5);
  const refused = await Promise.all(flood.slice(5).map(verdictOf));
  expect(new Set(refused)).toEqual(new Set(["refused"]));
  for (let minute = 1; minute <= 10; minute += 1) {
    clock.advance(minuteMs);
    void ask(`m${minute}.test`);
    void ask(`m${minute}-again.test`);
    expect(opened()).toBe(Math.min(5 + minute, 8));
  }
  for (let hour = 0; hour < 100; hour += 1) {
    clock.advance(60 * minuteMs);
    for (let index = 0; index < 6; index += 1) void ask(`n${hour}-${index}.test`);
  }
  expect(opened()).toBe(200);
});
