import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { makeChangeLock } from "../../../../src/sidecar/gate/change-lock.ts";
import { takeLine } from "../../../../src/sidecar/gate/control.ts";
import { Bounds } from "../../../../src/sidecar/gate/bounds.ts";
import { Freezer } from "../../../../src/sidecar/gate/freezer.ts";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import type { GateConfiguration } from "../../../../src/protocol/gate.ts";
import { makeClock } from "../../../support/clock.ts";

const configuration: GateConfiguration = {
  type: "configure",
  destinations: [{ host: "a.test", port: 443, protocol: "tls", isPrivate: false }],
  filter: "builtin",
  sshKeys: [],
};
const destination = { host: "new.test", port: 443, protocol: "tls", isPrivate: false } as const;

test("each message is answered by one event with its id", () => {
  const { send } = makeControl();
  expect(send({ type: "ping", id: "1" })).toEqual([{ event: "pong", id: "1" }]);
  expect(send({ type: "allow", id: "2", destination, forMs: 60_000 })).toEqual([
    {
      event: "policy",
      id: "2",
      ...destination,
      action: "allow",
      by: "user",
      until: "1970-01-01T00:01:00.000Z",
    },
  ]);
  expect(send({ type: "describe", id: "3" })).toEqual([
    {
      event: "described",
      id: "3",
      filter: "builtin",
      destinations: [destination, ...configuration.destinations],
      apiHost: null,
    },
  ]);
  expect(send({ type: "deny", id: "4", host: "*.new.test", port: 443 })).toMatchObject([
    { event: "policy", id: "4", action: "deny", by: "user" },
  ]);
  expect(send({ type: "describe", id: "5" })).toMatchObject([{ destinations: configuration.destinations }]);
});

test("the end of a timed grant is told", () => {
  const { send, clock, events } = makeControl();
  send({ type: "allow", id: "1", destination, forMs: 60_000 });
  events.length = 0;
  clock.advance(60_000);
  expect(events).toMatchObject([
    { event: "policy", action: "deny", by: "expiry", id: "1", host: "new.test" },
  ]);
});

test.each([
  ["not JSON", "{"],
  ["no object", "[]"],
  ["null", "null"],
  ["an unknown type", { type: "open", id: "1" }],
  ["a second configuration", configuration],
  [
    "a host that is not canonical",
    { type: "allow", id: "1", destination: { ...destination, host: "New.test" } },
  ],
  ["a bare star", { type: "deny", id: "1", host: "*", port: 443 }],
  ["port 0", { type: "deny", id: "1", host: "a.test", port: 0 }],
  ["a time without end", { type: "allow", id: "1", destination, forMs: 1e12 }],
  ["a negative time", { type: "allow", id: "1", destination, forMs: -1 }],
  [
    "plain http without pipelock",
    { type: "allow", id: "1", destination: { ...destination, protocol: "http" } },
  ],
  ["an id that could end a line", { type: "ping", id: "a\nb" }],
  ["a field of another version", { type: "ping", id: "1", urgent: true }],
])("%s changes nothing and is answered", (_name, message) => {
  const { send } = makeControl();
  const id = typeof message === "object" && "id" in message && message.id === "1" ? "1" : "";
  expect(send(message)).toMatchObject([{ event: "rejected", id }]);
  expect(send({ type: "describe", id: "9" })).toMatchObject([{ destinations: configuration.destinations }]);
});

test("a message of a later version is refused in words, whatever is in it", () => {
  const { send } = makeControl();
  const message = "a later version of claude-bottle sent it (messages of version 2, and this gate knows 1)";
  for (const later of [
    { type: "ping", id: "1", version: 2 },
    { type: "open", id: "1", version: 2, of: {} },
    { ...configuration, id: "1", version: 2 },
  ])
    expect(send(later)).toMatchObject([{ event: "rejected", id: "1", message }]);
  expect(send({ type: "ping", id: "1" })).toMatchObject([{ event: "pong" }]);
});

test("changes take turns, and a holder that died loses its turn", () => {
  const { send, clock, events } = makeControl();
  expect(send({ type: "begin", id: "1" })).toMatchObject([{ event: "begun", id: "1" }]);
  expect(send({ type: "begin", id: "2" })).toEqual([]);
  expect(send({ type: "begin", id: "3" })).toEqual([]);
  expect(send({ type: "end", id: "9" })).toMatchObject([{ event: "ended", id: "9" }]);
  expect(send({ type: "end", id: "1" })).toMatchObject([
    { event: "begun", id: "2" },
    { event: "ended", id: "1" },
  ]);
  events.length = 0;
  clock.advance(60_000);
  expect(events).toMatchObject([{ event: "begun", id: "3" }]);
});

test("freezes and thaws, and tells each once", () => {
  const { send } = makeControl();
  const freeze = { event: "freeze", by: "user" } as const;
  expect(send({ type: "freeze", id: "1" })).toEqual([{ ...freeze, id: "1", state: "frozen" }]);
  expect(send({ type: "freeze", id: "2" })).toEqual([{ ...freeze, id: "2", state: "frozen" }]);
  expect(send({ type: "thaw", id: "3" })).toEqual([{ ...freeze, id: "3", state: "thawed" }]);
  expect(send({ type: "freeze", id: "no id!" })).toMatchObject([{ event: "rejected" }]);
});

function makeControl() {
  const clock = makeClock();
  const events: GateEventBody[] = [];
  const emit = (event: GateEventBody) => void events.push(event);
  const options = {
    configuration,
    policy: new Policy(configuration.destinations, clock.schedule),
    lock: makeChangeLock(clock.schedule),
    freezer: new Freezer(emit),
    bounds: new Bounds([], emit),
    emit,
    now: () => 0,
  };
  const send = (message: unknown) => {
    events.length = 0;
    takeLine(typeof message === "string" ? message : JSON.stringify(message), options);
    return [...events];
  };
  return { send, clock, events };
}
