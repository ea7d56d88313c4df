/** Which calls get as far as the way out, and what is told of each. */
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { makeApiForwarder } from "../../../../src/sidecar/gate/api-forwarder.ts";
import type { GateApi } from "../../../../src/protocol/gate.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import type { Target } from "../../../../src/sidecar/gate/way-out.ts";

const servers: Server[] = [];
afterAll(() => servers.forEach((one) => one.close()));

/** A forwarder whose way out is closed and notes who was asked for; what it answers to this call. */
async function call(
  method: string,
  path: string,
  { headers = {}, body = "", name }: { headers?: Record<string, string>; body?: string; name?: string } = {},
) {
  const credential = {
    header: "x-api-key" as const,
    value: "canary-77",
    ...(name !== undefined && { name }),
  };
  const api: GateApi = { host: "api.example", isPrivate: false, credential };
  const asked: Target[] = [];
  const events: GateEventBody[] = [];
  const used: string[] = [];
  const server = makeApiForwarder(
    api,
    (target) => {
      asked.push(target);
      return Promise.reject(new Refusal("unreachable", "it is closed", 502));
    },
    (event) => void events.push(event),
    { used: (one, host) => void used.push(`${one} at ${host}`) },
  ).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const outgoing = request({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    agent: false,
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text, asked, events, used };
}

const messages = "/v1/messages";

test("a call on the list goes to the one host, and its failure is told in the API's own form", async () => {
  const { status, headers, text, asked, events, used } = await call("POST", `${messages}?beta=true`, {
    body: "{}",
  });
  expect(asked).toEqual([{ host: "api.example", port: 443, isPrivate: false }]);
  expect(status).toBe(502);
  expect(headers).toMatchObject({ "x-claude-bottle": "refused", "content-type": "application/json" });
  expect(JSON.parse(text)).toEqual({
    type: "error",
    error: {
      type: "api_error",
      message: expect.stringMatching(/^claude-bottle: the API cannot be reached: /),
    },
  });
  expect(events).toEqual([{ event: "api", method: "POST", path: messages, status: 502 }]);
  expect(used).toEqual([]);
});

test("a use of a secret of the manifest is counted", async () => {
  expect((await call("POST", messages, { body: "{}", name: "KEY" })).used).toEqual(["KEY at api.example"]);
});

test.each([
  ["another path", "POST", "/v1/files", {}, "is not among the API calls"],
  ["another method", "DELETE", messages, {}, "is not among the API calls"],
  ["a compressed body", "POST", messages, { "content-encoding": "gzip" }, "cannot be looked through"],
])("%s gets no further", async (_, method, path, headers, reason) => {
  const { status, text, asked, events, used } = await call(method, path, { headers, name: "KEY" });
  expect([status, asked, used]).toEqual([403, [], []]);
  expect(text).toContain(reason);
  expect(text).toContain("permission_error");
  expect(events).toEqual([{ event: "api", method, path, status: 403 }]);
});

test("a body that says it is not compressed is none", async () => {
  const headers = { "content-encoding": "identity" };
  expect((await call("POST", messages, { headers, body: "{}" })).asked).toHaveLength(1);
});

test("of a path 200 characters are told, and nothing behind its question mark", async () => {
  const { events } = await call("GET", `/${"x".repeat(300)}?secret`);
  expect(events).toMatchObject([{ path: `/${"x".repeat(199)}` }]);
});
