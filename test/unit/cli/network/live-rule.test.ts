import { expect, test } from "bun:test";
import { traceHost } from "../../../../src/cli/network/live-rule.ts";
import { matchesHostPattern } from "../../../../src/core/host-name.ts";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import { aPolicyRecord, anEgressRecord } from "../../../support/egress-records.ts";

type Change = readonly ["allow" | "deny" | "expired", string];

test.each([
  [[], "a.test", undefined],
  [[["allow", "a.test"]], "a.test", "allow"],
  [[["allow", "*.test"]], "a.test", "allow"],
  [[["allow", "b.test"]], "a.test", undefined],
  [
    [
      ["allow", "a.test"],
      ["deny", "a.test"],
    ],
    "a.test",
    "deny",
  ],
  [
    [
      ["deny", "*.test"],
      ["allow", "a.test"],
    ],
    "a.test",
    "allow",
  ],
  [
    [
      ["allow", "a.test"],
      ["deny", "*.test"],
    ],
    "a.test",
    "deny",
  ],
  [
    [
      ["allow", "a.test"],
      ["expired", "a.test"],
    ],
    "a.test",
    undefined,
  ],
  [
    [
      ["deny", "*.test"],
      ["allow", "a.test"],
      ["expired", "a.test"],
    ],
    "a.test",
    "deny",
  ],
] as readonly (readonly [readonly Change[], string, string | undefined])[])(
  "of %j the change that decides about %s is %p, as in the gate",
  (changes, host, wanted) => {
    const records = changes.map(([code, name]) => aPolicyRecord(code, name));
    expect(traceHost(records, host, 443).change?.code).toBe(wanted);
    let expire = () => undefined as void;
    const policy = new Policy([], (_, act) => {
      expire = act;
      return () => undefined;
    });
    for (const [code, name] of changes) {
      if (code === "deny") policy.deny(name, 443);
      else if (code === "expired") expire();
      else policy.allow({ host: name, port: 443, protocol: "tls", isPrivate: false }, 1);
    }
    const isGranted = policy.list().some((one) => matchesHostPattern(host, one.host));
    expect(isGranted).toBe(wanted === "allow");
  },
);

test("the last attempt at exactly this pair is told", () => {
  const records = [
    anEgressRecord({ reason: "first" }),
    anEgressRecord({ reason: "second" }),
    anEgressRecord({ host: "b.test", reason: "other" }),
    anEgressRecord({ port: 80, reason: "other port" }),
    anEgressRecord({ kind: "closed", verdict: undefined, reason: "end" }),
  ];
  expect(traceHost(records, "a.test", 443).attempt?.reason).toBe("second");
});
