import { expect, test } from "bun:test";
import { readAsker } from "../../../../src/sidecar/gate/asker.ts";

const head = (...lines: string[]) => ["CONNECT a.test:443 HTTP/1.1", ...lines].join("\r\n");

test.each([
  ["git", "User-Agent: git/2.39.5"],
  ["npm", "user-agent: npm/10.9.2 node/v22.12.0 linux x64 workspaces/false"],
  ["curl", "USER-AGENT:curl/7.88.1"],
  ["claude-cli", "User-Agent: claude-cli/2.1.330 (external, cli)"],
  ["python-requests", "User-Agent: python-requests/2.32"],
  ["node", "User-Agent: node"],
])("%s by %s", (name, line) => {
  expect(readAsker(head("Host: a.test:443", line))).toBe(name);
  expect(readAsker(head(line, "Host: a.test:443"))).toBe(name);
});

test.each([
  head("Host: a.test"),
  head("X-User-Agent: git/1"),
  head("User-Agent: "),
  head("User-Agent: /1"),
  head("User-Agent: \u001b[31mgit"),
  head(`User-Agent: ${"a".repeat(33)}`),
  head('User-Agent: a"b'),
])("nobody by %j", (text) => {
  expect(readAsker(text)).toBeUndefined();
});
