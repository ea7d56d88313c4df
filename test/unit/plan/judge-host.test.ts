import { describe, expect, test } from "bun:test";
import { parseHostPattern } from "../../../src/core/host-name.ts";
import { findAddressObstacle, findObstacle, judgeHost } from "../../../src/plan/judge-host.ts";
import { aBottle, anSshEntry } from "../../support/manifests.ts";

const bottle = aBottle({
  egress: {
    allowlist: ["github.com", "*.npm.test", "10.0.0.9", "wild.test"],
    http: ["mirror.test"],
    private: ["gitea.lan", "10.0.0.5"],
  },
  ssh: [anSshEntry({ Hostname: "gitea.lan", Port: 30_009 })],
});

function judge(text: string, addresses?: readonly string[]) {
  const [host = "", port] = text.split(":");
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(parsed.problem);
  return judgeHost(bottle, {
    host: parsed.host,
    port: port === undefined ? undefined : Number(port),
    addresses,
  });
}

describe("judgeHost()", () => {
  test.each([
    ["github.com", "allowed", 443, "rule"],
    ["github.com:443", "allowed", 443, "rule"],
    ["github.com:22", "blocked", 22, "other port"],
    ["www.github.com", "blocked", 443, "no rule"],
    ["npm.test", "allowed", 443, "rule"],
    ["a.b.npm.test", "allowed", 443, "rule"],
    ["xnpm.test", "blocked", 443, "no rule"],
    ["mirror.test", "allowed", 80, "rule"],
    ["mirror.test:443", "blocked", 443, "other port"],
    ["gitea.lan:30009", "allowed", 30_009, "rule"],
    ["gitea.lan", "allowed", 443, "rule"],
    ["10.0.0.5", "allowed", 443, "rule"],
    ["10.0.0.6", "blocked", 443, "address"],
    ["10.0.0.9", "blocked", 443, "address"],
    ["127.0.0.1", "blocked", 443, "address"],
    ["localhost:8080", "blocked", 8080, "address"],
    ["api.anthropic.com", "blocked", 443, "sidecar"],
    ["api.anthropic.com:80", "blocked", 80, "no rule"],
  ] as const)("%s is %s on %d by %s", (text, verdict, port, because) => {
    expect(judge(text)).toMatchObject({ verdict, port, because });
  });

  test("names the place of the rule", () => {
    const { source } = judge("github.com");
    expect(source).toMatchObject({ file: "claude-bottle.json", line: 1 });
    expect(judge("a.test").source).toBeUndefined();
  });

  test("says which pattern names what is below a listed name", () => {
    expect(judge("www.github.com").advice.join()).toContain('"*.github.com" also names all below it');
    expect(judge("other.test").advice).toEqual([
      'Write "allowlist": ["other.test"] under the bottle\'s egress.',
    ]);
  });

  test("blocks a listed name that leads to a private address, unless its rule is a private one", () => {
    expect(judge("github.com", ["192.168.1.7"])).toMatchObject({ verdict: "blocked", needsPrivate: true });
    expect(judge("github.com", ["140.82.121.3"]).verdict).toBe("allowed");
    expect(judge("gitea.lan", ["192.168.1.7"]).verdict).toBe("allowed");
    expect(judge("gitea.lan", ["127.0.0.1"])).toMatchObject({ verdict: "blocked", needsPrivate: false });
  });

  test("tells of a name without a rule that it needs a private one", () => {
    expect(judge("nas.lan", ["192.168.1.8"])).toMatchObject({ because: "no rule", needsPrivate: true });
  });
});

test("findObstacle() leaves ordinary names and granted private addresses alone", () => {
  expect(findObstacle("github.com", false)).toBeUndefined();
  expect(findObstacle("10.0.0.5", true)).toBeUndefined();
  expect(findObstacle("169.254.169.254", true)?.needsPrivate).toBe(false);
});

test("findAddressObstacle() judges by the worst address", () => {
  const host = "a.test";
  expect(findAddressObstacle({ host, addresses: ["8.8.8.8", "10.1.1.1"] }, false)?.reason).toContain(
    "10.1.1.1",
  );
  expect(findAddressObstacle({ host, addresses: ["8.8.8.8"] }, false)).toBeUndefined();
  expect(findAddressObstacle({ host }, false)).toBeUndefined();
});
