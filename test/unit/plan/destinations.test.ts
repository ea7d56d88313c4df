import { describe, expect, test } from "bun:test";
import { isNamedPrivate, makeDestinations } from "../../../src/plan/destinations.ts";
import { aBottle, anSshEntry } from "../../support/manifests.ts";

const destinationsOf = (keys: Record<string, unknown>) =>
  makeDestinations(aBottle(keys)).map(({ host, port, protocol, isPrivate, isInspected }) =>
    [
      `${host}:${port}`,
      protocol,
      ...(isPrivate ? ["private"] : []),
      ...(isInspected ? ["inspected"] : []),
    ].join(" "),
  );

describe("makeDestinations()", () => {
  test("reaches nothing without grants, and the API only with the token inside", () => {
    expect(destinationsOf({})).toEqual([]);
    const [api] = makeDestinations(aBottle({ auth: "env" }));
    expect(api).toMatchObject({ host: "api.anthropic.com", port: 443, origin: { kind: "built-in" } });
  });

  test("gives TLS on 443 to names and patterns, sorted and once each", () => {
    const egress = { allowlist: ["z.example", "*.A.example", "a.example."], private: ["z.example"] };
    expect(destinationsOf({ egress })).toEqual([
      "*.a.example:443 tls",
      "a.example:443 tls",
      "z.example:443 tls private",
    ]);
  });

  test("gives plain http its own port, beside TLS of the same host and never inspected", () => {
    const egress = { http: ["a.example", "*.b.example"], private: ["a.example"], inspect: ["a.example"] };
    expect(destinationsOf({ egress })).toEqual([
      "*.b.example:80 http",
      "a.example:80 http private",
      "a.example:443 tls private inspected",
    ]);
  });

  test("gives SSH its own port, which may be 443, and only that", () => {
    const ssh = [
      anSshEntry({ Port: 30_009 }),
      anSshEntry({ Host: "alt", Hostname: "alt.example", Port: 443 }),
    ];
    expect(
      destinationsOf({ ssh, egress: { allowlist: ["alt.example"], private: ["gitea.example"] } }),
    ).toEqual(["alt.example:443 ssh", "gitea.example:443 tls private", "gitea.example:30009 ssh private"]);
  });

  test("marks what is below a private or inspected pattern", () => {
    const egress = {
      allowlist: ["a.lan.example", "*.b.lan.example", "lan.example", "evillan.example"],
      private: ["*.lan.example"],
    };
    expect(destinationsOf({ egress })).toEqual([
      "*.b.lan.example:443 tls private",
      "*.lan.example:443 tls private",
      "a.lan.example:443 tls private",
      "evillan.example:443 tls",
      "lan.example:443 tls private",
    ]);
  });

  test("does not make a pattern private because of one name below it", () => {
    const egress = { allowlist: ["*.example.com"], private: ["git.example.com"] };
    expect(destinationsOf({ egress })).toEqual(["*.example.com:443 tls", "git.example.com:443 tls private"]);
  });

  test("shows a pattern as inspected when the filter must open it to open one name below it", () => {
    const egress = {
      allowlist: ["*.example.com", "*.other.com"],
      inspect: [{ host: "api.example.com", by: "pipelock" }],
    };
    expect(destinationsOf({ egress })).toEqual([
      "*.example.com:443 tls inspected",
      "*.other.com:443 tls",
      "api.example.com:443 tls inspected",
    ]);
  });

  test("names the first grant as the origin", () => {
    const [one] = makeDestinations(aBottle({ egress: { allowlist: ["a.example"] } }));
    expect(one?.origin).toMatchObject({ kind: "manifest", source: { file: "claude-bottle.json", line: 1 } });
  });
});

describe("isNamedPrivate()", () => {
  const destinations = makeDestinations(
    aBottle({ egress: { allowlist: ["a.example"], private: ["*.lan.example"] } }),
  );

  test.each([
    ["x.lan.example", true],
    ["a.example", false],
    ["xlan.example", false],
  ])("of %s is %p", (host, isPrivate) => {
    expect(isNamedPrivate(host, destinations)).toBe(isPrivate);
  });

  test("says who looks at a host, and what goes through all the same", () => {
    const egress = {
      allowlist: ["*.b.example"],
      inspect: [
        "*.a.example",
        { host: "x.a.example", allow: ["github-token", "env:TOKEN"] },
        { host: "c.example", by: "pipelock" },
        { host: "x.b.example", by: "gate" },
      ],
    };
    const found = makeDestinations(aBottle({ egress })).map(({ host, inspect }) => [host, inspect]);
    expect(Object.fromEntries(found)).toMatchObject({
      "*.a.example": { by: "gate", allow: [] },
      "x.a.example": { by: "gate", allow: ["env:TOKEN", "github-token"] },
      "c.example": { by: "pipelock", allow: [] },
      "x.b.example": { by: "gate", allow: [] },
    });
    // The gate takes a name from below a pattern, which pipelock cannot
    expect(found.find(([host]) => host === "*.b.example")).toEqual(["*.b.example", undefined]);
  });
});

test("ports are the entry's own, private is for the port that it names, and an exact pair goes before other lists", () => {
  const egress = {
    allowlist: ["gitea.lan:3000", "gitea.lan", "host.bottle:8443"],
    private: ["gitea.lan:3000", "db.lan:5432", "cache.lan"],
    http: ["mirror.lan:4873"],
    tcp: ["db.lan:5432", "cache.lan:6379", "host.bottle:9000"],
  };
  const text = makeDestinations(aBottle({ egress })).map(
    (one) => `${one.host}:${one.port} ${one.protocol}${one.isPrivate ? " private" : ""}`,
  );
  expect(text.filter((line) => !line.startsWith("api."))).toEqual([
    "cache.lan:443 tls private",
    "cache.lan:6379 tcp private",
    "db.lan:5432 tcp private",
    "gitea.lan:443 tls",
    "gitea.lan:3000 tls private",
    "host.bottle:8443 tls private",
    "host.bottle:9000 tcp private",
    "mirror.lan:4873 http",
  ]);
});
