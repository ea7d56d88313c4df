import { describe, expect, test } from "bun:test";
import { makeAddressRules, readHiddenIpv4 } from "../../support/pipelock/addresses.ts";
import { defaultConfig } from "../../support/pipelock/config.ts";
import type { Config } from "../../support/pipelock/config.ts";
import { isListed, isPassedThrough, registrableDomain } from "../../support/pipelock/domains.ts";
import { makePolicy } from "../../support/pipelock/policy.ts";
import { RateLimit } from "../../support/pipelock/rate-limit.ts";
import { admitReload, findDowngrades } from "../../support/pipelock/reload-rules.ts";
import { scanUrl } from "../../support/pipelock/scan-url.ts";
import { readHello } from "../../support/pipelock/server-name.ts";
import { makeClientHello } from "../../support/client-hello.ts";

const strict: Config = {
  ...defaultConfig(),
  mode: "strict",
  allowlist: ["*.a.example", "b.example", "127.0.0.1", "10.1.2.3", "localhost"],
  ipAllowlist: ["127.0.0.0/8"],
  dlp: { ...defaultConfig().dlp, scansEnvironment: false },
};

async function verdictOf(url: string, change: Partial<Config> = {}): Promise<string> {
  const policy = makePolicy({ ...strict, ...change }, new RateLimit());
  const verdict = await scanUrl(policy, url, () => false);
  return verdict.isAllowed ? "allowed" : `${verdict.scanner}: ${verdict.reason}`;
}

describe("the allowlist", () => {
  test.each([
    ["x.y", "*.x.y", true],
    ["a.b.X.Y.", "*.x.y", true],
    ["ax.y", "*.x.y", false],
    ["x.y", "x.y.", true],
    ["a.x.y", "x.y", false],
    ["x.y", "*", false],
    ["192.168.1.1", "*.168.1.1", false],
    ["x.y", "x.y:443", false],
    ["x.y", " x.y ", false],
  ])("%s by %s: %p", (host, pattern, wanted) => {
    expect(isListed(host, [pattern])).toBe(wanted);
  });

  test("differs from interception's list, where *.x.y does not name x.y", () => {
    expect(isPassedThrough("x.y", ["*.x.y"])).toBe(false);
    expect(isPassedThrough("A.x.y", ["*.x.y"])).toBe(true);
    expect(isPassedThrough("x.y.", ["x.y"])).toBe(false);
  });
});

describe("addresses", () => {
  const rules = makeAddressRules(["203.0.113.0/24"], ["10.1.0.0/16"]);
  test.each([
    ["10.1.2.3", true, true],
    ["10.2.2.3", true, false],
    ["100.64.0.1", true, false],
    ["169.254.169.254", true, false],
    ["::1", true, false],
    ["fd12::1", true, false],
    ["::ffff:192.168.0.1", true, false],
    ["203.0.113.9", true, false],
    ["192.0.2.1", false, false],
    ["2001:db8::1", false, false],
  ])("%s: internal %p, allowlisted %p", (address, isInternal, isAllowlisted) => {
    expect(rules.isInternal(address)).toBe(isInternal);
    expect(rules.isAllowlisted(address)).toBe(isAllowlisted);
  });

  test.each([
    ["0x7f000001", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["127.0.0.1", undefined],
    ["cafe.example", undefined],
  ])("%s hides %p", (text, wanted) => {
    expect(readHiddenIpv4(text)).toEqual(wanted as string);
  });
});

describe("a URL", () => {
  test.each([
    ["https://other.example/", {}, "allowlist: domain not in allowlist: other.example"],
    ["https://10.1.2.3/", {}, "ssrf: SSRF blocked: 10.1.2.3 resolves to internal IP 10.1.2.3"],
    ["https://127.0.0.1/", {}, "allowed"],
    ["https://0x7f000001/", {}, "allowed"],
    ["https://127.0.0.1/?k=AKIAIOSFODNN7EXAMPLE", {}, "core_dlp: core DLP match: AWS Access ID (critical)"],
    [
      `https://127.0.0.1/?k=${btoa(`ghp_${"a1".repeat(18)}`)}`,
      {},
      "core_dlp: core DLP match: GitHub Token (critical)",
    ],
    ["https://127.0.0.1/?a=sk-ant-api03-&b=AAAABBBBCCCC", {}, "dlp: DLP match: Anthropic API Key (critical)"],
    ["https://sk-ant-.api03-abcdefgh.a.example/", {}, "dlp: DLP match: Anthropic API Key (critical)"],
    ["https://127.0.0.1/a/../b", {}, "path_traversal: path traversal sequence in URL"],
    ["https://127.0.0.1/%0d%0ax", {}, "crlf_injection: encoded CR or LF in URL"],
    ["ftp://127.0.0.1/", {}, 'scheme: scheme "ftp" not allowed: only http and https'],
    ["https://a%2eexample/", {}, "parser: invalid URL"],
    [
      "https://k3jd82hf7qpzx0vmwtsr.a.example/",
      {},
      'subdomain_entropy: high entropy subdomain label "k3jd82hf7qpzx0vmwtsr" (4.32 > 4.00 threshold)',
    ],
    [
      "https://other.example:1/",
      { mode: "balanced", blocklist: ["*.example"] },
      "blocklist: domain blocked: other.example matches *.example",
    ],
  ] as const)("%s with %j: %s", async (url, change, wanted) => {
    expect(await verdictOf(url, change)).toBe(wanted);
  });

  test("that is too long is refused", async () => {
    const url = `https://127.0.0.1/${"a/".repeat(1100)}`;
    expect(await verdictOf(url)).toBe("length: URL length 2218 exceeds maximum 2048");
  });

  test("whose path looks random is refused", async () => {
    const random = "Zq8Lw2Xv7Rt4Yp9Nk3Mb6Hc1Jd5Fg0As";
    expect(await verdictOf(`https://127.0.0.1/${random}`)).toStartWith("entropy: high entropy path segment");
    expect(await verdictOf(`https://127.0.0.1/?q=${random}`)).toStartWith(
      'entropy: high entropy query param "q"',
    );
  });

  test("of a client that has left is refused", async () => {
    const policy = makePolicy(strict, new RateLimit());
    expect(await scanUrl(policy, "https://127.0.0.1/", () => true)).toMatchObject({ scanner: "context" });
  });
});

describe("the rate limit", () => {
  test("counts a minute for a domain and everything below it", () => {
    let now = 0;
    const limit = new RateLimit(() => now);
    expect([limit.admit("a.x.y", 2), limit.admit("b.x.y", 2), limit.admit("x.y", 2)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(limit.admit("other.y", 2)).toBe(true);
    now = 60_001;
    expect(limit.admit("x.y", 2)).toBe(true);
    expect(registrableDomain("127.0.0.1")).toBe("127.0.0.1");
  });
});

describe("a reload while strict", () => {
  const warnings: string[] = [];
  const admit = (next: Config) => admitReload(strict, next, (line) => warnings.push(line));

  test("may change the allowlist both ways and limits", () => {
    expect(findDowngrades(strict, { ...strict, allowlist: ["new.example"], requestsPerMinute: 7 })).toEqual(
      [],
    );
  });

  test.each([
    ["mode", { mode: "balanced" }],
    ["enforce", { enforce: false }],
    ["trusted_domains", { trustedDomains: ["localhost"] }],
    ["ssrf.ip_allowlist", { ipAllowlist: ["127.0.0.0/8", "10.0.0.0/8"] }],
    ["request_body_scanning.enabled", { body: { ...strict.body, enabled: false } }],
    ["dlp.include_defaults", { dlp: { ...strict.dlp, includesDefaults: false } }],
  ] as const)("is refused whole for %s", (field, change) => {
    expect(findDowngrades(strict, { ...strict, ...change }).map((one) => one.field)).toEqual([field]);
    expect(() => admit({ ...strict, ...change })).toThrow("rejected: security downgrade from strict mode");
  });

  test("may narrow a range that it has", () => {
    expect(findDowngrades(strict, { ...strict, ipAllowlist: ["127.0.0.1/32"] })).toEqual([]);
  });

  test("is refused if it switches the forward proxy on", () => {
    const next = { ...strict, forward: { ...strict.forward, enabled: true } };
    expect(() => admit(next)).toThrow("forward proxy cannot be enabled via reload");
  });

  test("keeps what is bound at start", () => {
    expect(admit({ ...strict, metricsListen: "127.0.0.1:1" }).metricsListen).toBe("");
    expect(warnings.at(-1)).toContain("metrics_listen changed");
  });
});

describe("a server name", () => {
  test("must be whole and in one record", () => {
    const hello = makeClientHello({ serverNames: ["a.example."] });
    expect(readHello(hello)).toEqual({ kind: "hello", name: "a.example" });
    expect(readHello(hello.subarray(0, -1))).toEqual({ kind: "partial" });
    expect(readHello(makeClientHello({ serverNames: ["a.example"], recordBytes: 40 }))).toEqual({
      kind: "malformed",
    });
    expect(readHello(makeClientHello({}))).toEqual({ kind: "hello", name: undefined });
    expect(readHello(Buffer.from("SSH-2.0-x\r\n"))).toEqual({ kind: "not-tls" });
  });
});
