import { expect, test } from "bun:test";
import { CopyProblems } from "../../../src/host/copy-problems.ts";

test("problems name what was copied as the user does, with nothing that a terminal obeys", () => {
  const problems = new CopyProblems("dist");
  problems.add({ name: "r", reason: "permission denied" });
  problems.add({ name: "r/a\u001b[2J", reason: "hostile \u001b[2J" });
  problems.add({ name: "r/\xff", reason: "x" });
  problems.add({ name: "/etc/x", reason: "x" });
  problems.add({ name: "rr/x", reason: "x" });
  expect(problems.lines).toEqual([
    '"dist": permission denied',
    '"dist/a\\x1b[2J": hostile \\x1b[2J',
    '"dist/\\xff": x',
    '"/etc/x": x',
    '"rr/x": x',
  ]);
});

test("problems of an archive of the user's own keep their names", () => {
  const problems = new CopyProblems(undefined);
  problems.add({ name: "r/a", reason: "x" });
  expect(problems.lines).toEqual(['"r/a": x']);
});

test("problems without end take no room without end", () => {
  const problems = new CopyProblems("a");
  for (let count = 0; count < 1_000; count += 1) {
    problems.add({ name: `r/${count}`, reason: "y".repeat(10_000) });
    problems.addLeftOut(`r/${count}`);
  }
  expect([problems.lines.length, problems.lines.at(-1)]).toEqual([21, "… and 980 more"]);
  expect(problems.lines.join("").length).toBeLessThan(20_000);
  expect(problems.leftOutNames).toEndWith(', "a/19", 980 more');
});
