/** The listener that the agent asks at, over real connections. */
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { afterEach, describe, expect, test } from "bun:test";
import type { Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { makeAskServer } from "../../../../src/sidecar/gate/ask-server.ts";
import { makeAsks } from "../../../../src/sidecar/gate/asks.ts";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) {
    one.close();
    one.closeAllConnections();
  }
});

async function open() {
  const policy = new Policy([]);
  const told = Promise.withResolvers<void>();
  const events: GateEventBody[] = [];
  const asks = makeAsks(policy, (event) => {
    events.push(event);
    told.resolve();
  });
  const server = makeAskServer({ asks, apiHost: undefined });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const post = (path: string, body: unknown) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const allow = (host: string) => policy.allow({ host, port: 443, protocol: "tls", isPrivate: false });
  return { port, post, allow, events, asked: told.promise };
}

const call = (host: string) => ({
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: { name: "request_host", arguments: { host, reason: "to install", wait: 0 } },
});

test("a request is answered when the user has answered", async () => {
  const { post, allow, asked } = await open();
  const answer = post("/ask", { host: "npm.test", reason: "to install" });
  await asked;
  allow("npm.test");
  expect(await (await answer).json()).toEqual({
    verdict: "allowed",
    message: "npm.test:443 is allowed. Try again now.",
  });
});

test("one that is not understood is refused and tells nobody anything", async () => {
  const { post, events } = await open();
  for (const body of [
    "",
    "{",
    "[]",
    "null",
    '{"host":"*.test","reason":"x"}',
    { host: "10.0.0.1", reason: "x" },
  ])
    expect(await (await post("/ask", body)).json()).toMatchObject({ verdict: "refused" });
  expect(events).toEqual([]);
});

test("a body of any length is not kept, and other paths and methods are none", async () => {
  const { post, port } = await open();
  expect((await post("/ask", "x".repeat(8 * 1024))).status).toBe(200);
  expect((await post("/ask", "x".repeat(8 * 1024 + 1))).status).toBe(413);
  expect((await post("/", {})).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/mcp`)).status).toBe(405);
});

test("whoever goes away without an answer leaves the request to the next", async () => {
  const { post, port, allow, asked, events } = await open();
  const body = JSON.stringify({ host: "left.test", reason: "x" });
  const socket = connect(port, "127.0.0.1");
  socket.write(`POST /ask HTTP/1.1\r\nHost: gate\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await asked;
  socket.destroy();
  const next = post("/ask", { host: "left.test", reason: "y" });
  // Joined or not yet come: either way it hears of the yes
  allow("left.test");
  expect(await (await next).json()).toMatchObject({ verdict: "allowed" });
  expect(events.filter((one) => one.event === "ask" && one.state === "open")).toHaveLength(1);
});

describe("by the Model Context Protocol", () => {
  const rpc = (method: string, params: object = {}) => ({ jsonrpc: "2.0", id: 1, method, params });

  test("says hello, has one tool, and no stream of its own", async () => {
    const { post } = await open();
    expect(
      await (await post("/mcp", rpc("initialize", { protocolVersion: "2025-03-26" }))).json(),
    ).toMatchObject({
      id: 1,
      result: { protocolVersion: "2025-03-26", capabilities: { tools: {} } },
    });
    const hello = await post("/mcp", { jsonrpc: "2.0", method: "notifications/initialized" });
    expect([hello.status, await hello.text()]).toEqual([202, ""]);
    expect(await (await post("/mcp", rpc("tools/list"))).json()).toMatchObject({
      result: { tools: [{ name: "request_host", inputSchema: { required: ["host", "reason"] } }] },
    });
    expect(await (await post("/mcp", rpc("ping"))).json()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
  });

  test("answers a call when the user has answered, however short a wait it was told", async () => {
    const { post, allow, asked } = await open();
    const answer = await post("/mcp", call("npm.test"));
    await asked;
    allow("npm.test");
    const text = await answer.text();
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? "";
    expect(JSON.parse(data)).toEqual({
      jsonrpc: "2.0",
      id: 7,
      result: {
        content: [{ type: "text", text: "npm.test:443 is allowed. Try again now." }],
        isError: false,
      },
    });
  });

  test("says that a request was refused", async () => {
    const { post } = await open();
    expect(await (await post("/mcp", call("localhost"))).text()).toContain('"isError":true');
  });

  test.each([
    ["no JSON", "{", null],
    ["a batch", "[]", null],
    ["another protocol", { id: 1, method: "ping" }, 1],
    ["an unknown method", rpc("resources/list"), 1],
    ["an unknown tool", rpc("tools/call", { name: "x" }), 1],
  ])("answers what it does not know with an error: %s", async (_what, body, id) => {
    const { post } = await open();
    expect(await (await post("/mcp", body)).json()).toMatchObject({
      id,
      error: { code: expect.any(Number) },
    });
  });
});
