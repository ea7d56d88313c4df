/** What the view shows, line by line. */
import { describe, expect, test } from "bun:test";
import { helpLines, renderView } from "../../../../src/cli/watch/watch-lines.ts";
import type { Line } from "../../../../src/cli/watch/watch-lines.ts";
import { renderCounts, sortWatched, statusOf } from "../../../../src/cli/watch/watched.ts";
import type { WatchedBottle } from "../../../../src/cli/watch/watched.ts";
import { firstState } from "../../../../src/cli/watch/watch-model.ts";
import type { WatchState } from "../../../../src/cli/watch/watch-model.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const bottle = (name: string, more: Partial<WatchedBottle> = {}): WatchedBottle => ({
  name,
  session: `s-${name}`,
  agent: name,
  bottle: "b",
  runtime: "runsc",
  state: "running",
  createdAt: "2026-01-01T00:00:00Z",
  isOwned: true,
  workspace: "/home/u/shop",
  soFar: undefined,
  ...more,
});
const ask = { host: "npm.test", port: 443, reason: "x", time: "t" };
const mender = bottle("mender", {
  activity: "waiting",
  memoryBytes: 226 * 1024 ** 2,
  refused: 2,
  asks: [],
  soFar: { commits: 1, files: 2 },
});
const options = { columns: 80, rows: 24, now: start + 240_000, shortenPath: (path: string) => path };
const textOf = (lines: readonly Line[]) => lines.map((line) => line.map((piece) => piece.text).join(""));
const view = (state: Partial<WatchState>, more: Partial<typeof options> = {}) =>
  renderView({ ...firstState, ...state }, { ...options, ...more });

test("a bottle is a line: who it is, what it does, since when, what it made, what was blocked, its memory", () => {
  expect(textOf(view({ bottles: [mender] }).bottles)).toEqual([
    " ▶ mender  ● waiting    4m  +1 commit ~2 files   blocked 2  226 MiB",
  ]);
  expect(textOf(view({ bottles: [mender] }, { columns: 120 }).bottles)[0]).toEndWith("226 MiB  /home/u/shop");
  expect(textOf(view({ bottles: [mender] }, { columns: 50 }).bottles)[0]).not.toContain("MiB");
  expect(textOf(view({}).bottles)).toEqual([" No bottle is running."]);
});

test("those that wait for somebody come first, and are counted", () => {
  const bottles = [
    bottle("works", { activity: "working" }),
    bottle("waits", { activity: "waiting", refused: 1 }),
    bottle("asks", { activity: "working", asks: [ask] }),
    bottle("gone", { isOwned: false, state: "exited" }),
  ];
  expect(sortWatched(bottles).map((one) => one.name)).toEqual(["asks", "waits", "gone", "works"]);
  expect(bottles.map(statusOf)).toEqual(["working", "waiting", "asks", "left over"]);
  expect(renderCounts(bottles)).toBe("4 running · 2 wait for you · 1 host blocked");
  expect(renderCounts([bottle("a")])).toBe("1 running");
});

test("with many bottles the chosen one is shown, and the rest has its room", () => {
  const bottles = Array.from({ length: 40 }, (_, index) => bottle(`b${index}`));
  const lines = textOf(view({ bottles, chosen: "s-b30" }).bottles);
  expect(lines.length).toBeLessThanOrEqual(8);
  expect(lines.filter((line) => line.startsWith(" ▶"))).toEqual([expect.stringContaining("b30")]);
});

test("the chosen host says why, and what a yes opens; the others are one line", () => {
  const rows = [
    {
      kind: "asked" as const,
      host: "npm.test",
      port: 443,
      count: 0,
      reason: "to install",
      notes: ["opens: a thing"],
    },
    {
      kind: "blocked" as const,
      host: "b.test",
      port: 22,
      count: 3,
      reason: "not on the list",
      notes: ["opens: b"],
    },
  ];
  expect(textOf(view({ bottles: [mender], inbox: rows }).network)).toEqual([
    "›? npm.test:443  asked",
    '   "to install"',
    "   opens: a thing",
    " ✖ b.test:22  3×",
  ]);
  expect(
    textOf(view({ bottles: [mender], inbox: rows, focus: "network", pair: "b.test:22" }).network),
  ).toEqual([" ? npm.test:443  asked", "▶✖ b.test:22  3×", "   not on the list", "   opens: b"]);
  expect(textOf(view({ bottles: [mender] }).network)).toEqual([" Nothing was blocked or asked for."]);
});

test("nothing that a terminal would obey is in any line", () => {
  const evil = "\u001b]0;x\u0007\u202e\n";
  const lines = view(
    {
      bottles: [bottle(`m${evil}`, { workspace: evil })],
      inbox: [{ kind: "asked", host: evil, port: 1, count: 1, reason: evil, notes: [] }],
      screen: [evil],
      message: evil,
      mode: { kind: "look" },
    },
    { columns: 200 },
  );
  const all = textOf([lines.head, ...lines.bottles, ...lines.network, ...lines.screen, ...lines.foot]).join(
    "",
  );
  // eslint-disable-next-line no-control-regex
  expect(all).not.toMatch(/[\u0000-\u001f\u007f\u202e]/);
  expect(all).toContain(String.raw`\x1b`);
});

test("the gap that a terminal does not break is shown as one", () => {
  expect(textOf(view({ bottles: [mender], screen: ["❯\u00a0hello"] }).screen)).toEqual(["❯ hello"]);
});

describe("the foot", () => {
  test("names the keys on lines of at most 80 characters, as the help does", () => {
    const foot = textOf(view({ bottles: [mender] }).foot);
    expect(foot).toHaveLength(2);
    for (const line of [...foot, ...helpLines]) expect(line.length).toBeLessThanOrEqual(80);
    expect(helpLines.length).toBeLessThanOrEqual(24);
    expect(textOf(view({ bottles: [mender], message: "done" }).foot)[0]).toBe(" done");
  });

  test("shows the end of what is typed, and what a stop would mean", () => {
    const text = `${"x".repeat(200)}end`;
    expect(textOf(view({ bottles: [mender], mode: { kind: "prompt", text } }).foot)[0]).toEndWith("end_");
    expect(textOf(view({ bottles: [mender], mode: { kind: "stop" } }).foot)).toEqual([
      " Stop mender? [y/N]",
      " Its work (+1 commit ~2 files) has not been pulled; it comes back as refs.",
    ]);
    const clean = { ...mender, soFar: { commits: 0, files: 0 } };
    expect(textOf(view({ bottles: [clean], mode: { kind: "stop" } }).foot)).toEqual([" Stop mender? [y/N]"]);
  });
});

test("a frozen bottle comes before those that ask, and waits for you", () => {
  const frozen = bottle("cold", { activity: "working", isFrozen: true, asks: [ask] });
  const asking = bottle("asking", { asks: [ask] });
  expect(sortWatched([asking, frozen]).map((one) => one.name)).toEqual(["cold", "asking"]);
  expect(statusOf(frozen)).toBe("frozen");
  expect(statusOf({ ...frozen, state: "paused" })).toBe("frozen");
  expect(textOf(view({ bottles: [frozen] }).bottles)[0]).toContain("■ frozen");
  expect(renderCounts([frozen])).toContain("1 waits for you");
  // The control: thawed it is what it was
  expect(statusOf({ ...frozen, isFrozen: false, asks: [] })).toBe("working");
});
