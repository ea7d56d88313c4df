/** Which key does what. */
import { describe, expect, test } from "bun:test";
import type { InboxRow } from "../../../../src/cli/watch/inbox.ts";
import type { WatchedBottle } from "../../../../src/cli/watch/watched.ts";
import {
  chosenBottle,
  chosenRow,
  firstState,
  shownBottles,
  shownRows,
} from "../../../../src/cli/watch/watch-model.ts";
import type { WatchState } from "../../../../src/cli/watch/watch-model.ts";
import { pressKey } from "../../../../src/cli/watch/watch-state.ts";
import type { Act, PressedKey } from "../../../../src/cli/watch/watch-state.ts";

const bottle = (name: string) => ({ name, session: `s-${name}` }) as WatchedBottle;
const row = (host: string, port = 443): InboxRow => ({
  kind: "blocked",
  host,
  port,
  count: 1,
  reason: "",
  notes: [],
});
const full: WatchState = {
  ...firstState,
  bottles: [bottle("one"), bottle("two"), bottle("three")],
  inbox: [row("a.test"), row("b.test"), row("db.test", 5432)],
};

function press(state: WatchState, ...keys: string[]): { state: WatchState; acts: Act[] } {
  const acts: Act[] = [];
  for (const key of keys) {
    const name = ["up", "down", "enter", "escape", "tab", "backspace", "interrupt"].find(
      (one) => one === key,
    );
    const pressed: PressedKey = name
      ? { name: name as PressedKey["name"], text: "" }
      : { name: "text", text: key };
    const step = pressKey(state, pressed);
    state = step.state;
    if (step.act) acts.push(step.act);
  }
  return { state, acts };
}
const wordsOf = (acts: readonly Act[]) =>
  acts.map((act) => (act.kind === "run" ? act.words.join(" ") : act.kind));

test("a bottle and a host are chosen by arrows and letters, and the ends are ends", () => {
  expect(chosenBottle(press(full, "up").state)?.name).toBe("one");
  expect(chosenBottle(press(full, "down", "j", "down", "k").state)?.name).toBe("two");
  const network = press(full, "tab", "down").state;
  expect([chosenBottle(network)?.name, chosenRow(network)?.host]).toEqual(["one", "b.test"]);
  expect(chosenRow(press(network, "j", "j", "j").state)?.host).toBe("db.test");
  expect(chosenRow(press(network, "tab", "tab").state)?.host).toBe("b.test");
});

test("another bottle's hosts and screen are not shown as this one's", () => {
  const state = press({ ...full, screen: ["x"] }, "down").state;
  expect([state.inbox, state.screen]).toEqual([[], []]);
  expect(press({ ...full, screen: ["x"] }, "up").state.screen).toEqual(["x"]);
});

test("a choice stays with its bottle and its host when others come and go", () => {
  const state = press(full, "down").state;
  expect(chosenBottle({ ...state, bottles: [bottle("zero"), ...full.bottles] })?.name).toBe("two");
  expect(chosenBottle({ ...state, bottles: [bottle("zero")] })?.name).toBe("zero");
  const network = press(full, "tab", "down").state;
  expect(chosenRow({ ...network, inbox: [row("new.test"), ...full.inbox] })?.host).toBe("b.test");
});

test.each([
  ["a", "allow one a.test"],
  ["t", "allow one a.test --for=1h"],
  ["s", "allow one a.test --save"],
  ["x", "deny one a.test"],
  ["w", "why one a.test:443"],
  ["enter", "attach one"],
  ["d", "diff one"],
  ["m", "merge one"],
  ["P", "pull one"],
  ["q", "quit"],
  ["interrupt", "quit"],
])("%s is: %s", (key, words) => {
  expect(wordsOf(press(full, key).acts)).toEqual([words]);
});

test("a host on another port is handed on with it, so that the command says what can be done", () => {
  expect(wordsOf(press(full, "tab", "down", "down", "a").acts)).toEqual(["allow one db.test:5432"]);
});

test("what is spoken on a port goes with it", () => {
  const inbox: InboxRow[] = [{ ...row("db.test", 5432), kind: "asked", protocol: "tcp" }];
  expect(wordsOf(press({ ...full, inbox }, "a", "t", "u", "x").acts)).toEqual([
    "allow one db.test:5432 --tcp",
    "allow one db.test:5432 --tcp --for=1h",
    "allow one db.test:5432 --undo",
    "deny one db.test:5432",
  ]);
});

describe("the filter", () => {
  const names = (state: WatchState) => shownBottles(state).map((one) => one.name);
  const hosts = (state: WatchState) => shownRows(state).map((one) => one.host);

  test("leaves what contains the word while it is typed, and its letters are no keys", () => {
    const { state, acts } = press(full, "/", "T", "w");
    expect([names(state), acts]).toEqual([["two"], []]);
    expect(names(press(state, "backspace").state)).toContain("three");
    const kept = press(state, "enter").state;
    expect([kept.mode.kind, names(kept), chosenBottle(kept)?.name]).toEqual(["look", ["two"], "two"]);
    // Another bottle was chosen by it, so nothing of the first is shown as its own
    expect([kept.inbox, kept.screen]).toEqual([[], []]);
  });

  test("is for the list that has the focus, and Escape shows all again", () => {
    const state = press(full, "tab", "/", "d", "b", "enter").state;
    expect([names(state), hosts(state)]).toEqual([["one", "two", "three"], ["db.test"]]);
    expect(chosenRow(state)?.host).toBe("db.test");
    expect(hosts(press(state, "escape").state)).toEqual(["a.test", "b.test", "db.test"]);
    expect(hosts(press(state, "/", "escape").state)).toHaveLength(3);
  });

  test("that leaves nothing leaves nothing to act on", () => {
    const state = press(full, "/", "z", "z", "enter").state;
    expect(press(state, "a", "d", "S", "y", "enter").acts).toEqual([]);
  });
});

test("r tells claude of what was allowed, and of nothing else", () => {
  expect(press(full, "a", "r").acts.at(-1)).toEqual({
    kind: "type",
    session: "s-one",
    text: "a.test is allowed now. Try again.",
  });
  for (const keys of [["r"], ["x", "r"], ["a", "u", "r"]])
    expect(press(full, ...keys).acts.filter((act) => act.kind === "type")).toEqual([]);
});

test("n starts another one", () => {
  expect(wordsOf(press(full, "n").acts)).toEqual(["start"]);
  expect(wordsOf(press(firstState, "n").acts)).toEqual(["start"]);
});

test("without a bottle or a host nothing is done", () => {
  for (const key of ["a", "t", "s", "x", "w", "u", "p", "S", "d", "r", "enter", "up", "down", "tab", "é"])
    expect(press(firstState, key).acts).toEqual([]);
  expect(press({ ...full, inbox: [] }, "a", "t", "s", "x", "w").acts).toEqual([]);
  for (const key of ["toString", "__proto__", "constructor"]) expect(press(full, key).acts).toEqual([]);
});

describe("u", () => {
  test("takes back the last change of this view, once", () => {
    expect(wordsOf(press(full, "a", "down", "u", "u").acts)).toEqual([
      "allow one a.test",
      "allow one a.test --undo",
    ]);
    expect(wordsOf(press(full, "x", "u").acts)).toEqual(["deny one a.test", "allow one a.test --undo"]);
  });

  test("says that what was saved stays, and that there is nothing", () => {
    expect(press(full, "s", "u").state.message).toContain("stays in the manifest");
    expect(press(full, "u").state.message).toContain("no change");
  });
});

describe("a prompt", () => {
  test("is typed, corrected, and sent; its letters are no keys", () => {
    const { state, acts } = press(full, "p", "q", "S", "x", "backspace", "enter");
    expect(acts).toEqual([{ kind: "type", session: "s-one", text: "qS" }]);
    expect(state.mode).toEqual({ kind: "look" });
  });

  test("is left with Escape, and one of nothing is not sent", () => {
    expect(press(full, "p", "a", "escape").acts).toEqual([]);
    expect(press(full, "p", " ", "enter").acts).toEqual([]);
    expect(wordsOf(press(full, "p", "a", "interrupt").acts)).toEqual(["quit"]);
  });
});

test("a port is typed and opened, several at once, and letters are no keys", () => {
  expect(wordsOf(press(full, "o", "3", "0", " ", "q", "enter").acts)).toEqual(["port one 30 q"]);
  expect(press(full, "o", "enter").acts).toEqual([]);
  expect(press(full, "o", "3", "escape").acts).toEqual([]);
});

describe("a stop", () => {
  test("is asked about, and only y is a yes", () => {
    expect(wordsOf(press(full, "S", "y").acts)).toEqual(["stop one"]);
    expect(wordsOf(press(full, "S", "Y").acts)).toEqual(["stop one"]);
    for (const key of ["n", "enter", "escape", "S", " "]) {
      const { state, acts } = press(full, "S", key);
      expect([acts, state.mode]).toEqual([[], { kind: "look" }]);
    }
  });
});

test("any key closes the help, and does nothing else", () => {
  const { state, acts } = press(full, "?", "a");
  expect([state.mode, acts]).toEqual([{ kind: "look" }, []]);
});
