import { expect, test } from "bun:test";
import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { proposeRules } from "../../../../src/cli/network/propose-rules.ts";
import { aBottle } from "../../../support/manifests.ts";

const bottle = aBottle({
  egress: { allowlist: [{ host: "a.example", allow: ["GET /repos/acme/**"] }, "whole.example"] },
});
const refused = (request: string, host = "a.example", code = "rule"): EgressRecord => ({
  time: "2026-01-01T00:00:00Z",
  source: "gate",
  kind: "attempt",
  verdict: "refused",
  host,
  port: 443,
  code,
  request,
});
const propose = (...records: EgressRecord[]) =>
  proposeRules(bottle, records).map(({ rule, count }) => `${count}x ${rule}`);

test("proposes one rule for each request, and one pattern for many that are alike", () => {
  const issues = [1, 2, 3, 4, 5].map((id) => refused(`POST /repos/acme/shop/issues/${id}/comments`));
  expect(
    propose(refused("POST /repos/acme/shop/pulls"), refused("POST /repos/acme/shop/pulls"), ...issues),
  ).toEqual(["5x POST /repos/acme/shop/issues/*/comments", "2x POST /repos/acme/shop/pulls"]);
  expect(propose(...issues.slice(0, 3))).toHaveLength(3);
});

test("proposes nothing for what is allowed by now, has no one form, or was refused for another reason", () => {
  expect(propose(refused("GET /repos/acme/shop"))).toEqual([]);
  expect(propose(refused("GET /a/../b"), refused("GET /a//b"), refused("get /a"))).toEqual([]);
  expect(propose(refused("POST /x", "a.example", "account"))).toEqual([]);
  expect(propose(refused("POST /x", "whole.example"), refused("POST /x", "other.example"))).toEqual([]);
  expect(propose(refused("POST /x", "\u001b[31m"))).toEqual([]);
});

test("lets no star of the agent's become a pattern", () => {
  expect(propose(refused("POST /**"), refused("POST /*/x"), refused(`POST /${"a".repeat(299)}`))).toEqual([]);
  expect(propose(refused("POST /%2a%2a"))).toEqual(["1x POST /%2A%2A"]);
});
