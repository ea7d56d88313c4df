import { describe, expect, test } from "bun:test";
import type { Timing } from "../../../../src/core/time/timings.ts";
import { renderTimingLines, renderTimings } from "../../../../src/cli/render/timings.ts";

const timings: Timing[] = [
  { kind: "engine", what: "GET /info", from: 10, to: 20 },
  { kind: "engine", what: "POST /containers/…/start", from: 20, to: 80.04 },
  { kind: "engine", what: "POST /exec/…/start", from: 80, to: undefined },
  { kind: "git", what: "rev-parse", from: 50, to: 60 },
];

describe("where the time went", () => {
  test("is a line for each step, with when it was", () => {
    expect(renderTimings(timings, 100)).toMatchInlineSnapshot(`
      "Timings: 100 ms, 3 engine calls, 1 container started, 1 exec, 1 program here
        began      took
           10     10 ms     ###                          engine   GET /info
           20     60 ms        ##################        engine   POST /containers/…/start
           80      open                          ######  engine   POST /exec/…/start
           50     10 ms                 ###              git      rev-parse
      "
    `);
  });

  test("is JSON for scripts, the counts first", () => {
    const lines = renderTimingLines(timings, 100)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines[0]).toEqual({ timings: 1, ms: 100, engineCalls: 3, containers: 1, execs: 1, programs: 1 });
    expect(lines[2]).toEqual({ kind: "engine", what: "POST /containers/…/start", from: 20, to: 80 });
    expect(lines[3]).toMatchObject({ to: null });
  });
});
