import { expect, test } from "bun:test";
import { mayPass } from "../../../../src/sidecar/gate/bound-passing.ts";
import { credentialHeaders } from "../../../../src/sidecar/gate/bound-headers.ts";

test.each([
  "accept",
  "authorization",
  "content-range",
  "content-type",
  "git-protocol",
  "if-none-match",
  "npm-command",
  "openai-beta",
  "sec-fetch-mode",
  "user-agent",
  "x-amz-content-sha256",
  "x-amz-decoded-content-length",
  "x-github-api-version",
  "x-request-id",
  ...credentialHeaders,
])("%s goes on", (name) => {
  expect(mayPass(name)).toBe(true);
});

test.each([
  "a-im",
  "accept-charset",
  "accept-encoding",
  "accept-features",
  "accept-ranges",
  "accept-transfer-encoding",
  "content-encoding-accept",
  "if-range",
  "negotiate",
  "range",
  "range-unit",
  "request-range",
  "te",
  "unheard",
  "want-content-digest",
  "want-digest",
  "want-repr-digest",
  "x-ms-range",
  "x-ms-range-get-content-md5",
  "x-accept-charset",
  "x-goog-range",
  "x_range",
  "__proto__",
  "constructor",
])("%s stays", (name) => {
  expect(mayPass(name)).toBe(false);
});
