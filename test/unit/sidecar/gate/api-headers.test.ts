import { expect, test } from "bun:test";
import {
  findHeaderProblem,
  makeAnswerHeaders,
  makeRequestHeaders,
} from "../../../../src/sidecar/gate/api-headers.ts";
import type { GateApi } from "../../../../src/protocol/gate.ts";

const oauth: GateApi = {
  host: "api.example",
  isPrivate: false,
  credential: { header: "authorization", value: "Bearer real" },
};
const apiKey: GateApi = { ...oauth, credential: { header: "x-api-key", value: "real" } };

test("every credential of the request gives way to the real one", () => {
  const headers = makeRequestHeaders(oauth, {
    authorization: "Bearer placeholder",
    "x-api-key": "sk-theirs",
    cookie: "session=1",
    "proxy-authorization": "Basic x",
    host: "gate:8080",
    "x-forwarded-for": "10.0.0.2",
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
  });
  expect(headers).toEqual({
    authorization: "Bearer real",
    host: "api.example",
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "oauth-2025-04-20",
  });
});

test("a credential in a name that some servers take for another does not pass", () => {
  const headers = makeRequestHeaders(oauth, { x_api_key: "sk-theirs", Authorization_: "Bearer theirs" });
  expect(Object.values(headers)).not.toContain("sk-theirs");
  expect(Object.values(headers)).not.toContain("Bearer theirs");
});

test("a feature that is left out is so in capital letters too", () => {
  const headers = makeRequestHeaders(apiKey, {
    "anthropic-beta": "Files-API-2025-04-14, MCP-client-2025-11-20,effort-2025-11-24",
  });
  expect(headers["anthropic-beta"]).toBe("effort-2025-11-24");
});

test("an API key goes without a bearer token and without its beta", () => {
  const headers = makeRequestHeaders(apiKey, {
    authorization: "Bearer x",
    "anthropic-beta": "oauth-2025-04-20,context-1m-2025-08-07",
  });
  expect(headers).toEqual({
    "x-api-key": "real",
    host: "api.example",
    "content-type": "application/json",
    "anthropic-beta": "context-1m-2025-08-07",
  });
  expect(makeRequestHeaders(apiKey, { "anthropic-beta": "oauth-2025-04-20" })).not.toHaveProperty(
    "anthropic-beta",
  );
});

test("betas are kept, except those that make the API fetch or store for the agent", () => {
  const headers = makeRequestHeaders(oauth, {
    "anthropic-beta":
      "claude-code-20250219, oauth-2025-04-20,files-api-2025-04-14,mcp-client-2025-04-04,web-fetch-2025-09-10",
  });
  expect(headers["anthropic-beta"]).toBe("claude-code-20250219,oauth-2025-04-20");
});

test("headers of one hop stay on it, also those that Connection names", () => {
  const headers = makeRequestHeaders(oauth, {
    connection: "keep-alive, X-Hop",
    "x-hop": "1",
    te: "trailers",
    "transfer-encoding": "chunked",
  });
  expect(Object.keys(headers).sort()).toEqual(["anthropic-beta", "authorization", "content-type", "host"]);
  expect(
    makeAnswerHeaders({ connection: "close", "set-cookie": ["a"], "request-id": "r", "retry-after": "3" }),
  ).toEqual({
    "request-id": "r",
    "retry-after": "3",
  });
});

test("a header passes only if it is known", () => {
  const sent = {
    "user-agent": "claude-cli/2.1.330",
    accept: "application/json",
    "accept-encoding": "br",
    "anthropic-version": "2023-06-01",
    "anthropic-client-platform": "cli",
    "x-app": "cli",
    "x-stainless-retry-count": "0",
    "x-claude-code-session-id": "s",
    "content-length": "2",
  };
  const unknown = {
    "x-original-url": "/v1/files",
    "x-rewrite-url": "/v1/files",
    "x-http-method-override": "DELETE",
    "x-http-method": "PUT",
    "x-method-override": "PUT",
    "x-forwarded-host": "evil.test",
    "x-forwarded-prefix": "/v1",
    "x-host": "evil.test",
    "x-original-host": "evil.test",
    "x-amz-security-token": "t",
    "x-goog-user-project": "p",
    "anthropic-workspace-id": "w",
    "anthropic-user-profile-id": "p",
    "anthropic-organization-id": "o",
    "anthropic-admin-api-key": "k",
    "content-location": "/v1/files",
    range: "bytes=0-1",
    upgrade: "h2c",
    "http2-settings": "x",
    "x-stainless-": "x",
    "x-claude-code-a_b": "x",
    "transfer-encoding": "chunked",
    referer: "https://x.test",
    origin: "https://x.test",
    "x-b3-traceid": "t",
  };
  // The control: beside those that are not known, those that Claude Code sends do pass
  expect(makeRequestHeaders(apiKey, { ...sent, ...unknown })).toEqual({
    ...sent,
    "content-type": "application/json",
    host: "api.example",
    "x-api-key": "real",
  });
});

test.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
  "a body of the type %p is looked through",
  (type) => {
    expect(findHeaderProblem({ "content-type": type })).toBeUndefined();
  },
);

test.each([
  undefined,
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-16",
  "application/json; charset=utf-8; x=y",
  "application/json, text/plain",
  "application/jsonl",
  "application/x-ndjson",
  "application/vnd.api+json",
])("a body of the type %p is refused", (type) => {
  expect(findHeaderProblem(type === undefined ? {} : { "content-type": type })).toContain("application/json");
});

test.each(["gzip", "br", "identity, gzip", "zstd"])("a body that is packed as %s is refused", (coding) => {
  expect(findHeaderProblem({ "content-type": "application/json", "content-encoding": coding })).toContain(
    "compressed",
  );
});

test("a feature that is not known does not pass, whatever its name looks like", () => {
  const names = [
    "effort-2025-11-24",
    "new-fetch-2027-01-01",
    "effort",
    "effort-x",
    "xeffort-2025-11-24",
    "skills-2025-10-02",
    "code-execution-2025-08-25",
    "environments-2025-11-01",
    "managed-agents-2026-04-01",
    "message-batches-2024-09-24",
  ];
  expect(makeRequestHeaders(apiKey, { "anthropic-beta": names.join(",") })["anthropic-beta"]).toBe(
    "effort-2025-11-24",
  );
});
