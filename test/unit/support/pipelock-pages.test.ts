import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startStandIn } from "../../support/pipelock/launch.ts";
import { startProgramWorld, strict } from "../../support/pipelock/program-world.ts";
import type { ProgramWorld } from "../../support/pipelock/program-world.ts";

// Needs: openssl
setDefaultTimeout(30_000);
const secret = `ghp_${"Ab1".repeat(12)}`;

let world: ProgramWorld;
beforeAll(async () => {
  world = await startProgramWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("plain HTTP", () => {
  test("is forwarded with the URL's host, whatever Host says", async () => {
    const answer = await world.get(`http://127.0.0.1:${world.webPort}/a?b=1`);
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer).toEndWith(`\r\n\r\nGET /a?b=1 for 127.0.0.1:${world.webPort}`);
    expect(await world.proxy.event("forward_http")).toMatchObject({ method: "GET", status_code: 200 });
  });

  test.each([
    ["GET", "http://other.example/", "", 403, "blocked: domain not in allowlist: other.example"],
    ["GET", "/moved", "", 403, "blocked: domain not in allowlist: elsewhere.example"],
    ["GET", "/packed", "", 403, "blocked: compressed response cannot be scanned"],
    ["GET", `/?q=${secret}`, "", 403, "blocked: core DLP match: GitHub Token (critical)"],
    ["GET", "/", `Authorization: ${secret}\r\n`, 403, "blocked: request header contains secret"],
    [
      "POST",
      "/",
      `Content-Length: 40\r\n\r\n${secret}`,
      403,
      "blocked: request body contains secret: GitHub Token",
    ],
    [
      "POST",
      "/",
      "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
      403,
      'blocked: request body uses Content-Encoding "gzip"; compressed bodies cannot be scanned for secrets',
    ],
    ["GET", "http://127.0.0.1:1/", "", 502, "forward proxy fetch failed"],
  ])("%s %s with %j is refused", async (method, path, more, status, text) => {
    const url = path.startsWith("/") ? `http://127.0.0.1:${world.webPort}${path}` : path;
    const answer = await world.get(url, more, method);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toEndWith(`\r\n\r\n${text}\n`);
  });

  test("is cut in silence at the size limit", async () => {
    const answer = await world.get(`http://127.0.0.1:${world.webPort}/large`);
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer.length - answer.indexOf("\r\n\r\n") - 4).toBe(10 * 1024 * 1024);
  });
});

describe("the program's own pages", () => {
  test("/health has exactly these keys", async () => {
    const answer = await world.get("/health");
    expect(answer).toContain("\r\nContent-Type: application/json\r\n");
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n{") + 2, answer.lastIndexOf("}") + 1))).toEqual({
      status: "healthy",
      version: "2.3.0",
      mode: "strict",
      uptime_seconds: expect.any(Number),
      dlp_patterns: 48,
      response_scan_enabled: true,
      git_protection_enabled: false,
      rate_limit_enabled: true,
      forward_proxy_enabled: true,
      websocket_proxy_enabled: false,
      request_body_scan_enabled: true,
      tls_interception_enabled: false,
      kill_switch_active: false,
    });
  });

  test.each([
    ["/ws", 404, "WebSocket proxy not enabled"],
    ["/elsewhere", 404, "404 page not found"],
    [
      "/fetch?url=http://other.example/",
      403,
      '"blocked":true,"block_reason":"domain not in allowlist: other.example"',
    ],
    ["/metrics", 200, "pipelock_requests_total"],
    ["/stats", 200, '"requests"'],
  ])("%s: %i %s", async (path, status, text) => {
    const answer = await world.get(path);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toContain(text);
  });

  test("/api/v1/killswitch is not usable", async () => {
    const answer = await world.get("/api/v1/killswitch", "", "POST");
    expect(answer).toStartWith("HTTP/1.1 503 ");
    expect(answer).toEndWith("kill switch API not configured (no api_token)\n");
  });

  test("and both kinds of proxy are closed while the kill switch is on", async () => {
    await using other = await startStandIn({ ...strict, kill_switch: { enabled: true } });
    expect(await world.connectTo("127.0.0.1:1", "", other)).toEndWith(
      '{"error":"kill_switch_active","message":"Emergency deny-all active"}\n',
    );
  });
});
