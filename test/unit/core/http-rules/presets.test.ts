import { describe, expect, test } from "bun:test";
import { decide } from "../../../../src/core/http-rules/decide.ts";
import { parseHttpRule } from "../../../../src/core/http-rules/http-rule.ts";
import { rulePresetNames, rulePresets } from "../../../../src/core/http-rules/presets.ts";
import type { RulePresetName } from "../../../../src/core/http-rules/presets.ts";

/** What clients ask for in everyday work, as they write it, and calls by which somebody publishes, logs in or changes something */
const traffic: Readonly<
  Record<RulePresetName, { readonly usual: readonly string[]; readonly writing: readonly string[] }>
> = {
  "npm-install": {
    usual: [
      "GET /left-pad",
      "GET /@types%2fnode",
      "GET /@types/node",
      "GET /left-pad/-/left-pad-1.3.0.tgz",
      "GET /@types/node/-/node-22.1.0.tgz",
      "GET /@babel%2fcore",
      "POST /-/npm/v1/security/advisories/bulk",
      "POST /-/npm/v1/security/audits/quick",
      "GET /-/npm/v1/keys",
    ],
    writing: [
      "PUT /left-pad",
      "PUT /@types%2fnode",
      "PUT /left-pad/-rev/1-abc",
      "DELETE /left-pad/-/left-pad-1.3.0.tgz/-rev/1-abc",
      "PUT /-/user/org.couchdb.user:me",
      "POST /-/v1/login",
      "POST /-/npm/v1/tokens",
      "GET /-/npm/v1/tokens",
      "GET /-/whoami",
      "PUT /-/package/left-pad/dist-tags/latest",
      "POST /-/package/left-pad/trust",
      "POST /-/stage/left-pad",
    ],
  },
  "pip-install": {
    usual: [
      "GET /simple/",
      "GET /simple/requests/",
      "GET /pypi/requests/json",
      "GET /pypi/requests/2.32.0/json",
      "HEAD /packages/ab/cd/0123/requests-2.32.0-py3-none-any.whl",
      "GET /packages/ab/cd/0123/requests-2.32.0-py3-none-any.whl.metadata",
    ],
    writing: ["POST /legacy/", "POST /simple/requests/", "POST /pypi", "GET /manage/account/"],
  },
  "cargo-fetch": {
    usual: [
      "GET /config.json",
      "GET /1/a",
      "GET /2/cc",
      "GET /3/l/log",
      "GET /se/rd/serde",
      "GET /crates/serde/serde-1.0.0.crate",
      "GET /api/v1/crates/serde/1.0.0/download",
    ],
    writing: [
      "PUT /api/v1/crates/new",
      "DELETE /api/v1/crates/serde/1.0.0/yank",
      "PUT /api/v1/crates/serde/owners",
    ],
  },
  "go-modules": {
    usual: [
      "GET /github.com/google/uuid/@v/list",
      "GET /github.com/google/uuid/@v/v1.6.0.info",
      "GET /github.com/!burnt!sushi/toml/@v/v1.3.0.mod",
      "GET /github.com/google/uuid/@v/v1.6.0.zip",
      "GET /golang.org/x/text/@latest",
      "GET /sumdb/sum.example.org/supported",
      "GET /sumdb/sum.example.org/tile/8/0/x001/234.p/5",
      "GET /lookup/github.com/google/uuid@v1.6.0",
      "GET /tile/8/1/000",
      "GET /latest",
    ],
    writing: ["POST /github.com/google/uuid/@v/v1.6.0.zip", "PUT /lookup/a@v1.0.0", "GET /admin"],
  },
  apt: {
    usual: [
      "GET /debian/dists/bookworm/InRelease",
      "GET /debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/0123abcd",
      "GET /debian/pool/main/c/curl/curl_7.88.1-10%2bdeb12u5_amd64.deb",
      "GET /dists/stable/Release.gpg",
      "GET /pool/main/n/nodejs/nodejs_22.1.0_amd64.deb",
    ],
    writing: ["PUT /debian/pool/main/x.deb", "POST /debian/dists/x", "GET /debian/project/trace"],
  },
  "gem-install": {
    usual: [
      "GET /versions",
      "GET /info/rails",
      "GET /gems/rails-7.1.0.gem",
      "GET /specs.4.8.gz",
      "GET /quick/Marshal.4.8/rails-7.1.0.gemspec.rz",
      "GET /api/v1/dependencies?gems=rails,rake",
    ],
    writing: [
      "POST /api/v1/gems",
      "DELETE /api/v1/gems/yank",
      "GET /api/v1/api_key",
      "POST /api/v1/web_hooks",
    ],
  },
  "docker-pull": {
    usual: [
      "GET /v2/",
      "HEAD /v2/library/alpine/manifests/3.20",
      "GET /v2/library/alpine/manifests/sha256:0123",
      "GET /v2/acme/team/app/blobs/sha256:0123",
      "GET /v2/acme/app/tags/list?n=100",
      "GET /token?scope=repository%3Alibrary%2Falpine%3Apull&service=registry.docker.io",
    ],
    writing: [
      "POST /v2/acme/app/blobs/uploads/",
      "PATCH /v2/acme/app/blobs/uploads/0123",
      "PUT /v2/acme/app/manifests/latest",
      "DELETE /v2/acme/app/manifests/sha256:0123",
      "GET /token?scope=repository:acme/app:pull,push&service=r",
      "GET /token?scope=repository:acme/app:pull&scope=repository:acme/app:push",
      "POST /token",
    ],
  },
  "github-read": {
    usual: [
      "GET /repos/acme/shop/pulls?state=open",
      "GET /acme/shop.git/info/refs?service=git-upload-pack",
      "POST /acme/shop.git/git-upload-pack",
      "POST /acme/shop/git-upload-pack",
      "GET /acme/shop/tar.gz/refs/heads/main",
      "GET /search/code?q=x",
    ],
    writing: [
      "POST /acme/shop.git/git-receive-pack",
      "POST /gists",
      "POST /repos/acme/shop/issues",
      "PUT /repos/acme/shop/contents/a",
      "PATCH /repos/acme/shop/git/refs/heads/main",
      "DELETE /repos/acme/shop",
      "POST /repos/acme/shop/merges",
      "POST /login/oauth/access_token",
    ],
  },
};

describe.each(rulePresetNames)("the preset %s", (name) => {
  const rules = rulePresets[name].allow.map((text) => {
    const parsed = parseHttpRule(text);
    if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`);
    return parsed.rule;
  });
  const verdictOf = (request: string) => {
    const [method = "", target = ""] = request.split(" ");
    return decide(rules, { method, target }).verdict;
  };

  test("allows what its clients ask for", () => {
    for (const request of traffic[name].usual)
      expect([request, verdictOf(request)]).toEqual([request, "allowed"]);
  });

  test("lets nobody publish, log in or change anything", () => {
    for (const request of traffic[name].writing)
      expect([request, verdictOf(request)]).toEqual([request, "refused"]);
  });

  test("has no rule that nothing needs", () => {
    const { usual } = traffic[name];
    const decide1 = (all: typeof rules, request: string) => {
      const [method = "", target = ""] = request.split(" ");
      return decide(all, { method, target }).verdict !== "refused";
    };
    const idle = rules.filter((rule) => !rule.graphql && !usual.some((request) => decide1([rule], request)));
    // The same as others, for another host of the client
    expect(idle.map((one) => one.text)).toEqual([...(idleRules[name] ?? [])]);
  });
});

/** Documented, and not in the traffic above */
const idleRules: Partial<Record<RulePresetName, readonly string[]>> = {
  "npm-install": ["GET /@*%2f*/-/*.tgz"],
  "cargo-fetch": ["GET /crates/*/*/download"],
  "go-modules": ["GET /supported"],
  "gem-install": ["GET /names", "GET /latest_specs.4.8.gz", "GET /prerelease_specs.4.8.gz"],
};

test("GraphQL is decided by its body", () => {
  const rule = parseHttpRule("POST /graphql query");
  expect(rule.ok && decide([rule.rule], { method: "POST", target: "/graphql" }).verdict).toBe("by-body");
});
