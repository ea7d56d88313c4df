import { expect, test } from "bun:test";
import { redactCredentials, redactHost } from "../../../src/core/redact.ts";

test.each([
  ["a GitHub token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
  ["a fine-grained one", "github_pat_11ABCDEFG0abcdefghij_klmnop"],
  ["a GitLab token", "glpat-abcdefghij0123456789"],
  ["an Anthropic token", "sk-ant-oat01-AAAAAAAAAAAAAAAAAAAA"],
  ["an AWS key", "AKIAIOSFODNN7EXAMPLE"],
  ["a Slack token", "xoxb-123456789012-abcdefghij"],
  ["a web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123"],
  ["a bearer token", "Authorization: Bearer abcdef0123456789"],
  ["a password", "password=hunter2hunter2"],
  ["a random word", "q8Zt1VxP0kLm3RwYs7Bd2Nf"],
  ["a key file", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----"],
])("%s is taken out wherever it stands", (_name, secret) => {
  for (const text of [`blocked: ${secret}`, `https://a.test/x?k=${secret}`, `https://a.test/${secret}/y`]) {
    const shown = redactCredentials(text);
    expect(shown).toContain("[redacted]");
    for (const part of secret.split(/[\s=.]+/).filter((word) => word.length > 9 && !word.startsWith("-")))
      expect(shown).not.toContain(part.replace(/^(Authorization:)$/, "never"));
  }
});

test("a query, a fragment and a user name go whole, whatever they hold", () => {
  expect(redactCredentials("GET http://user:pw@a.test/path?a=b&c=d done")).toBe(
    "GET http://[redacted]@a.test/path?[redacted] done",
  );
  expect(redactCredentials("http://a.test/#x")).toBe("http://a.test/#[redacted]");
});

test.each([
  "domain not in allowlist: ec2-54-203-11-22.us-west-2.compute.amazonaws.com",
  "SSRF blocked: gitea.lan resolves to internal IP 10.0.0.5",
  "TLS names another server than the one asked for",
  "POST /v1/messages answered 200",
  "raw.githubusercontent.com",
])("%s stays as it is", (text) => {
  expect(redactCredentials(text)).toBe(text);
});

test("a host name keeps what tells where it went", () => {
  expect(redactHost("ghp_abcdefghijklmnopqrstuvwxyz0123456789.evil.test")).toBe("[redacted].evil.test");
  expect(redactHost("api.example.com")).toBe("api.example.com");
});
