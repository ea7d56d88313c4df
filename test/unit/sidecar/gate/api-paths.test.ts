import { expect, test } from "bun:test";
import { isAllowedApiCall, measuredClaudeVersion } from "../../../../src/sidecar/gate/api-paths.ts";
import { claudeVersion } from "../../../../src/plan/claude-version.ts";

test.each([
  ["POST", "/v1/messages"],
  ["POST", "/v1/messages?beta=true"],
  ["POST", "/v1/messages/count_tokens?beta=true"],
])("%s %s passes", (method, target) => {
  expect(isAllowedApiCall(method, target)).toBe(true);
});

test.each([
  ["GET", "/v1/messages"],
  ["POST", "/v1/files"],
  ["POST", "/v1/messages/batches"],
  ["POST", "/v1/messages/"],
  ["POST", "//v1/messages"],
  ["POST", "/v1/messages/../files"],
  ["POST", "/v1/%6dessages"],
  ["POST", "/V1/messages"],
  ["POST", "/v1/messages?beta=true&x=1"],
  ["POST", "/v1/messages?beta=true?beta=true"],
  ["POST", "/v1/messages#x"],
  ["POST", "https://api.anthropic.com/v1/messages"],
  ["POST", "/v1/messages;x"],
  ["POST", ""],
  ["PUT", "/v1/messages"],
])("%s %s does not", (method, target) => {
  expect(isAllowedApiCall(method, target)).toBe(false);
});

test("the calls were recorded with the release of Claude Code that images get", () => {
  expect(measuredClaudeVersion).toBe(claudeVersion);
});
