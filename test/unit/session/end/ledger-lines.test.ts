import { expect, test } from "bun:test";
import { renderLedger, renderTries } from "../../../../src/session/end/ledger-lines.ts";
import type { SecretUse } from "../../../../src/core/secret-ledger.ts";

const use: SecretUse = {
  name: "GITEA_TOKEN",
  host: "gitea.example",
  verdict: "used",
  count: 2,
  first: "2026-01-01T10:00:00.123Z",
  last: "2026-01-01T11:00:00.456Z",
};
const tried: SecretUse = { ...use, verdict: "blocked", where: "body", count: 1, last: use.first };

test("the ledger says what, where, how often and when", () => {
  expect(renderLedger([use, tried])).toEqual([
    ["GITEA_TOKEN", "used for gitea.example", "2 times", "2026-01-01 10:00:00 to 2026-01-01 11:00:00"],
    ["GITEA_TOKEN", "placeholder in the body to gitea.example", "1 time", "2026-01-01 10:00:00"],
  ]);
});

test("the end of a session tells of tries alone, and of not too many", () => {
  expect(renderTries([use])).toEqual([]);
  const lines = renderTries([use, ...Array.from({ length: 7 }, () => ({ ...tried, where: "connect" }))]);
  expect(lines).toHaveLength(7);
  expect(lines[1]).toBe("  GITEA_TOKEN  placeholder in a request for gitea.example, 1 time");
  expect(lines.at(-1)).toBe("  and 2 more");
});

test("what a host sent back is told in both", () => {
  const returned: SecretUse = { ...use, verdict: "returned", count: 3 };
  expect(renderLedger([returned])[0]?.[1]).toBe("came back from gitea.example");
  expect(renderTries([use, returned, tried])).toEqual([
    "Placeholders were sent to places where secrets are not filled in:",
    "  GITEA_TOKEN  placeholder in the body to gitea.example, 1 time",
    "Hosts sent secrets back; they were removed from the answers:",
    "  GITEA_TOKEN  came back from gitea.example, 3 times",
  ]);
});
