import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BottlePlan, Destination } from "../../../src/plan/plan.ts";
import { renderPipelockConfig } from "../../../src/plan/pipelock-config.ts";
import { makeClientHello } from "../../support/client-hello.ts";
import { findPort, runStandIn, startStandIn } from "../../support/pipelock/launch.ts";
import type { RunningStandIn } from "../../support/pipelock/launch.ts";

setDefaultTimeout(30_000);

const strict = {
  mode: "strict",
  explain_blocks: true,
  api_allowlist: ["127.0.0.1", "localhost", "*.a.invalid", "10.9.8.7"],
  ssrf: { ip_allowlist: ["127.0.0.0/8"] },
  forward_proxy: { enabled: true },
  request_body_scanning: { enabled: true, action: "block" },
  dlp: { scan_env: false },
};
const longLabel = "x".repeat(64);
const secret = `ghp_${"Ab1".repeat(12)}`;

let proxy: RunningStandIn;
let echo: { readonly port: number; close(): void };
let web: Server;
let webPort: number;

beforeAll(async () => {
  echo = await startEcho();
  web = createServer((request, response) => {
    if (request.url === "/packed") response.setHeader("Content-Encoding", "gzip");
    if (request.url === "/moved") response.writeHead(302, { Location: "http://elsewhere.example/" });
    if (request.url === "/large") response.end(Buffer.alloc(11 * 1024 * 1024));
    else response.end(`${request.method} ${request.url} for ${request.headers.host}`);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  webPort = (web.address() as AddressInfo).port;
  proxy = await startStandIn(strict);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  echo.close();
  web.close();
});

/** Gives back what it gets, until the other side ends. */
async function startEcho() {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

const connectTo = (authority: string, more = "", on = proxy) =>
  on.exchange(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`);

/** A tunnel that is open; resolves with the socket after the head, which is exact. */
function openTunnel(authority: string, on = proxy): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(on.port, "127.0.0.1", () =>
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`),
    );
    socket.once("error", reject);
    socket.once("data", (head: Buffer) => {
      socket.pause();
      if (head.toString() === "HTTP/1.1 200 Connection Established\r\n\r\n") resolve(socket);
      else reject(new Error(head.toString()));
    });
  });
}

async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

const get = (target: string, more = "", method = "GET") =>
  proxy.exchange(`${method} ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${more}\r\n`);

describe("CONNECT", () => {
  test("to a host that is not listed is refused in these words, with a hint", async () => {
    const answer = await connectTo("other.example:443");
    expect(answer).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(answer).toContain(
      "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n",
    );
    expect(answer).toContain("X-Pipelock-Hint: Domain not on the allowlist.");
    expect(answer).toContain("\r\nConnection: close\r\n");
    expect(answer).toEndWith("\r\n\r\nCONNECT blocked: domain not in allowlist: other.example\n");
    expect(await proxy.event("blocked", { target: "other.example:443" })).toMatchObject({
      level: "warn",
      component: "pipelock",
      method: "CONNECT",
      target: "other.example:443",
      client_ip: "127.0.0.1",
      request_id: expect.stringMatching(/^req-\d+$/),
      scanner: "allowlist",
      reason: "domain not in allowlist: other.example",
      agent: "anonymous",
      mitre_technique: "T1071.001",
      message: "request blocked",
    });
  });

  test.each([
    ["10.9.8.7:22", 403, "CONNECT blocked: SSRF blocked: 10.9.8.7 resolves to internal IP 10.9.8.7"],
    // Too long to be asked for, so that nobody is asked
    [`${longLabel}.a.invalid:443`, 403, "CONNECT blocked: SSRF check failed: DNS resolution error for "],
    ["0x7f000001:443", 502, "tunnel dial failed"],
  ])("to %s is refused with %i", async (authority, status, text) => {
    const answer = await connectTo(authority);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toContain(`\r\n\r\n${text}`);
  });

  test("with a secret in its own headers is refused", async () => {
    const answer = await connectTo(`127.0.0.1:${echo.port}`, `Proxy-Authorization: Bearer ${secret}\r\n`);
    expect(answer).toEndWith("CONNECT blocked: header DLP match\n");
    expect(await proxy.event("header_dlp")).toMatchObject({ action: "block", patterns: ["GitHub Token"] });
  });

  test("to a port where nobody is gives 502", async () => {
    const answer = await connectTo(`127.0.0.1:${await findPort()}`);
    expect(answer).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
    expect(answer).toEndWith("\r\n\r\ntunnel dial failed\n");
    expect(await proxy.event("error")).toMatchObject({ level: "error", error: expect.any(String) });
  });

  test("opens any port of a listed host to any protocol, and counts what went through", async () => {
    const socket = await openTunnel(`127.0.0.1:${echo.port}`);
    socket.end("SSH-2.0-anything\r\n");
    expect(await readToEnd(socket)).toBe("SSH-2.0-anything\r\n");
    const target = `127.0.0.1:${echo.port}`;
    expect(await proxy.event("tunnel_open")).toMatchObject({ target });
    expect(await proxy.event("tunnel_close", { total_bytes: 36 })).toMatchObject({ target });
  });

  test("closes a tunnel whose server name is another", async () => {
    const socket = await openTunnel(`127.0.0.1:${echo.port}`);
    socket.write(makeClientHello({ serverNames: ["b.example"] }));
    expect(await readToEnd(socket)).toBe("");
    expect(await proxy.event("sni_mismatch", { category: "mismatch" })).toMatchObject({
      connect_host: "127.0.0.1",
      sni_host: "b.example",
      category: "mismatch",
    });
  });

  test("closes a tunnel whose hello is spread over records", async () => {
    const socket = await openTunnel(`127.0.0.1:${echo.port}`);
    socket.write(makeClientHello({ serverNames: ["127.0.0.1"], recordBytes: 30 }));
    expect(await readToEnd(socket)).toBe("");
    expect(await proxy.event("sni_mismatch", { category: "malformed_tls" })).toMatchObject({ sni_host: "" });
  });

  test("closes a tunnel whose client says nothing", async () => {
    const socket = await openTunnel(`127.0.0.1:${echo.port}`);
    expect(await readToEnd(socket)).toBe("");
    expect(await proxy.event("sni_mismatch", { category: "timeout" })).toMatchObject({ sni_host: "" });
  });
});

describe("limits", () => {
  test("of requests are 60 a minute by default", async () => {
    await using other = await startStandIn(strict);
    const answers: string[] = [];
    for (let count = 0; count < 61; count += 1) {
      answers.push(await connectTo("127.0.0.1:1", "", other));
    }
    expect(answers.filter((one) => one.startsWith("HTTP/1.1 502 "))).toHaveLength(60);
    expect(answers.at(-1)).toStartWith("HTTP/1.1 429 Too Many Requests\r\n");
    expect(answers.at(-1)).toEndWith("CONNECT blocked: rate limit exceeded for 127.0.0.1\n");
  });

  test("of a tunnel's life hold although it is in use", async () => {
    await using other = await startStandIn({
      ...strict,
      forward_proxy: { enabled: true, max_tunnel_seconds: 1 },
    });
    const socket = await openTunnel(`127.0.0.1:${echo.port}`, other);
    const chatter = setInterval(() => socket.write("x"), 50);
    socket.on("error", () => undefined);
    await readToEnd(socket);
    clearInterval(chatter);
    expect(await other.event("tunnel_close")).toMatchObject({ target: `127.0.0.1:${echo.port}` });
  });

  test("of silence end one direction while the other is in use", async () => {
    await using other = await startStandIn({
      ...strict,
      forward_proxy: { enabled: true, idle_timeout_seconds: 1 },
    });
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      const stream = setInterval(() => socket.write("tick "), 50);
      socket.resume();
      socket.once("end", () => {
        clearInterval(stream);
        socket.end("the client is gone");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socket = await openTunnel(`127.0.0.1:${(server.address() as AddressInfo).port}`, other);
    socket.write("GET");
    expect(await readToEnd(socket)).toEndWith("tick the client is gone");
    server.close();
  });
});

describe("plain HTTP", () => {
  test("is forwarded with the URL's host, whatever Host says", async () => {
    const answer = await get(`http://127.0.0.1:${webPort}/a?b=1`);
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer).toEndWith(`\r\n\r\nGET /a?b=1 for 127.0.0.1:${webPort}`);
    expect(await proxy.event("forward_http")).toMatchObject({ method: "GET", status_code: 200 });
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
    const url = path.startsWith("/") ? `http://127.0.0.1:${webPort}${path}` : path;
    const answer = await get(url, more, method);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toEndWith(`\r\n\r\n${text}\n`);
  });

  test("is cut in silence at the size limit", async () => {
    const answer = await get(`http://127.0.0.1:${webPort}/large`);
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer.length - answer.indexOf("\r\n\r\n") - 4).toBe(10 * 1024 * 1024);
  });
});

describe("the program's own pages", () => {
  test("/health has exactly these keys", async () => {
    const answer = await get("/health");
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
    const answer = await get(path);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toContain(text);
  });

  test("/api/v1/killswitch is not usable", async () => {
    const answer = await get("/api/v1/killswitch", "", "POST");
    expect(answer).toStartWith("HTTP/1.1 503 ");
    expect(answer).toEndWith("kill switch API not configured (no api_token)\n");
  });

  test("and both kinds of proxy are closed while the kill switch is on", async () => {
    await using other = await startStandIn({ ...strict, kill_switch: { enabled: true } });
    expect(await connectTo("127.0.0.1:1", "", other)).toEndWith(
      '{"error":"kill_switch_active","message":"Emergency deny-all active"}\n',
    );
  });
});

describe("without strict mode", () => {
  test("the allowlist is decoration", async () => {
    await using other = await startStandIn({ ...strict, mode: "balanced", api_allowlist: ["b.example"] });
    (await openTunnel(`127.0.0.1:${echo.port}`, other)).destroy();
  });

  test("an empty file forwards nothing", async () => {
    await using other = await startStandIn("");
    const answer = await connectTo(`127.0.0.1:${echo.port}`, "", other);
    expect(answer).toStartWith("HTTP/1.1 405 Method Not Allowed\r\n");
    expect(answer).toEndWith("CONNECT not supported\n");
  });

  test("and strict without enforcement too everything passes", async () => {
    await using other = await startStandIn({ ...strict, enforce: false, api_allowlist: ["b.example"] });
    (await openTunnel(`127.0.0.1:${echo.port}`, other)).destroy();
    expect(await other.event("anomaly")).toMatchObject({ scanner: "allowlist" });
  });
});

describe("a reload", () => {
  test("takes and removes hosts, and refuses what loosens", async () => {
    await using other = await startStandIn(strict);
    const write = (config: unknown) =>
      writeFile(other.configPath, typeof config === "string" ? config : JSON.stringify(config));
    await write({ ...strict, api_allowlist: ["new.invalid"] });
    expect(await other.event("config_reload")).toMatchObject({
      status: "success",
      detail: "mode=strict",
      config_hash: new Bun.CryptoHasher("sha256").update(await readFile(other.configPath)).digest("hex"),
    });
    expect(await connectTo("127.0.0.1:1", "", other)).toContain("domain not in allowlist");

    await write({ ...strict, enforce: false });
    expect(await other.event("error")).toMatchObject({
      error: "rejected: security downgrade from strict mode",
    });
    await write("");
    expect(await other.event("error")).toMatchObject({
      error: "rejected: security downgrade from strict mode",
    });
    await write({ ...strict, unknown: 1 });
    await other.complaint("config reload failed");
    expect(await connectTo("127.0.0.1:1", "", other)).toContain("domain not in allowlist");

    await write({ ...strict, fetch_proxy: { timeout_seconds: 9 } });
    other.signal("SIGHUP");
    await other.event("config_reload");
    expect(await connectTo("127.0.0.1:1", "", other)).toContain("tunnel dial failed");
  });
});

describe("the command line", () => {
  test("ends with 0 on SIGTERM, and says so", async () => {
    await using other = await startStandIn(strict);
    const socket = await openTunnel(`127.0.0.1:${echo.port}`, other);
    other.signal("SIGTERM");
    expect(await other.exit).toBe(0);
    expect(await other.event("shutdown")).toMatchObject({ reason: "signal received" });
    socket.destroy();
  });

  test("has a version and a health check", async () => {
    const { code, stdout, stderr } = await runStandIn(["version"]);
    expect({ code, stdout, stderr: stderr.split("\n")[0] }).toEqual({
      code: 0,
      stdout: "",
      stderr: "pipelock version 2.3.0",
    });
    expect((await runStandIn(["healthcheck", "--addr", `127.0.0.1:${proxy.port}`])).code).toBe(0);
    expect((await runStandIn(["healthcheck", "--addr", `127.0.0.1:${await findPort()}`])).code).toBe(1);
  });

  test("ends with 1 and one message for what it cannot do", async () => {
    expect(await runStandIn(["run", "--config", "/nowhere/p.yaml"])).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "loading config: reading config /nowhere/p.yaml: open /nowhere/p.yaml: no such file or directory\n",
    });
    const address = `127.0.0.1:${proxy.port}`;
    const taken = await runStandIn(["run", "--listen", address]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toEndWith(`proxy error: listen tcp ${address}: bind: address already in use\n`);
    expect((await runStandIn(["run", "--unknown"])).code).toBe(1);
  });
});

describe("what the program under test writes", () => {
  const origin = { kind: "built-in", reason: "test" } as const;
  const destination = (host: string, change: Partial<Destination> = {}): Destination => ({
    host,
    port: 443,
    protocol: "tls",
    isPrivate: false,
    isInspected: false,
    origin,
    ...change,
  });
  const plan = {
    auth: "gate",
    egress: {
      filter: "pipelock",
      pipelockImage: "x",
      destinations: [
        destination("*.example.com"),
        destination("git.lan", { isPrivate: true }),
        destination("10.1.2.3", { isPrivate: true, port: 22, protocol: "ssh" }),
      ],
    },
  } as unknown as BottlePlan;

  test("is accepted, also with opened TLS up to its CA, which is made in the container", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipelock-plan-"));
    const path = join(folder, "pipelock.yaml");
    await writeFile(path, renderPipelockConfig(plan));
    const { code, stderr } = await runStandIn(["check", "--config", path]);
    expect(stderr).toContain(
      "Config validation: OK\n  Mode:           strict\n  Listen:         127.0.0.1:8889\n",
    );
    expect(code).toBe(0);

    const opened = {
      ...plan,
      egress: { ...plan.egress, destinations: [destination("a.example", { isInspected: true })] },
    };
    await writeFile(path, renderPipelockConfig(opened));
    expect((await runStandIn(["check", "--config", path])).stderr).toContain(
      "CA cert not found at /run/pipelock-ca/ca.pem",
    );
    await rm(folder, { recursive: true, force: true });
  });
});
