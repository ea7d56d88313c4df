import { expect, test } from "bun:test";
import { makeAnswerHeaders, makeRequestHeaders } from "../../../../src/sidecar/gate/api-headers.ts";
import type { GateApi } from "../../../../src/sidecar/gate/protocol.ts";

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
    "anthropic-beta": "Files-API-2025-04-14, MCP-client-2025-11-20,x",
  });
  expect(headers["anthropic-beta"]).toBe("x");
});

test("an API key goes without a bearer token and without its beta", () => {
  const headers = makeRequestHeaders(apiKey, {
    authorization: "Bearer x",
    "anthropic-beta": "oauth-2025-04-20,context-1m-2025-08-07",
  });
  expect(headers).toEqual({
    "x-api-key": "real",
    host: "api.example",
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
  expect(Object.keys(headers).sort()).toEqual(["anthropic-beta", "authorization", "host"]);
  expect(
    makeAnswerHeaders({ connection: "close", "set-cookie": ["a"], "request-id": "r", "retry-after": "3" }),
  ).toEqual({
    "request-id": "r",
    "retry-after": "3",
  });
});
