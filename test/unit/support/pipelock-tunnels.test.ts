import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { makeClientHello } from "../../support/client-hello.ts";
import { findPort, startStandIn } from "../../support/pipelock/launch.ts";
import { readToEnd, startProgramWorld, strict } from "../../support/pipelock/program-world.ts";
import type { ProgramWorld } from "../../support/pipelock/program-world.ts";

// Needs: openssl
setDefaultTimeout(30_000);
const longLabel = "x".repeat(64);
const secret = `ghp_${"Ab1".repeat(12)}`;

let world: ProgramWorld;
beforeAll(async () => {
  world = await startProgramWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("CONNECT", () => {
  test("to a host that is not listed is refused in these words, with a hint", async () => {
    const answer = await world.connectTo("other.example:443");
    expect(answer).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(answer).toContain(
      "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n",
    );
    expect(answer).toContain("X-Pipelock-Hint: Domain not on the allowlist.");
    expect(answer).toContain("\r\nConnection: close\r\n");
    expect(answer).toEndWith("\r\n\r\nCONNECT blocked: domain not in allowlist: other.example\n");
    expect(await world.proxy.event("blocked", { target: "other.example:443" })).toMatchObject({
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
    const answer = await world.connectTo(authority);
    expect(answer).toStartWith(`HTTP/1.1 ${status} `);
    expect(answer).toContain(`\r\n\r\n${text}`);
  });

  test("with a secret in its own headers is refused", async () => {
    const answer = await world.connectTo(
      `127.0.0.1:${world.echoPort}`,
      `Proxy-Authorization: Bearer ${secret}\r\n`,
    );
    expect(answer).toEndWith("CONNECT blocked: header DLP match\n");
    expect(await world.proxy.event("header_dlp")).toMatchObject({
      action: "block",
      patterns: ["GitHub Token"],
    });
  });

  test("to a port where nobody is gives 502", async () => {
    const answer = await world.connectTo(`127.0.0.1:${await findPort()}`);
    expect(answer).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
    expect(answer).toEndWith("\r\n\r\ntunnel dial failed\n");
    expect(await world.proxy.event("error")).toMatchObject({ level: "error", error: expect.any(String) });
  });

  test("opens any port of a listed host to any protocol, and counts what went through", async () => {
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`);
    socket.end("SSH-2.0-anything\r\n");
    expect(await readToEnd(socket)).toBe("SSH-2.0-anything\r\n");
    const target = `127.0.0.1:${world.echoPort}`;
    expect(await world.proxy.event("tunnel_open")).toMatchObject({ target });
    expect(await world.proxy.event("tunnel_close", { total_bytes: 36 })).toMatchObject({ target });
  });

  test("closes a tunnel whose server name is another", async () => {
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`);
    socket.write(makeClientHello({ serverNames: ["b.example"] }));
    expect(await readToEnd(socket)).toBe("");
    expect(await world.proxy.event("sni_mismatch", { category: "mismatch" })).toMatchObject({
      connect_host: "127.0.0.1",
      sni_host: "b.example",
      category: "mismatch",
    });
  });

  test("closes a tunnel whose hello is spread over records", async () => {
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`);
    socket.write(makeClientHello({ serverNames: ["127.0.0.1"], recordBytes: 30 }));
    expect(await readToEnd(socket)).toBe("");
    expect(await world.proxy.event("sni_mismatch", { category: "malformed_tls" })).toMatchObject({
      sni_host: "",
    });
  });

  test("closes a tunnel whose client says nothing", async () => {
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`);
    expect(await readToEnd(socket)).toBe("");
    expect(await world.proxy.event("sni_mismatch", { category: "timeout" })).toMatchObject({ sni_host: "" });
  });
});

describe("limits", () => {
  test("of requests are 60 a minute by default", async () => {
    await using other = await startStandIn(strict);
    const answers: string[] = [];
    for (let count = 0; count < 61; count += 1) {
      answers.push(await world.connectTo("127.0.0.1:1", "", other));
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
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`, other);
    const chatter = setInterval(() => socket.write("x"), 50);
    socket.on("error", () => undefined);
    await readToEnd(socket);
    clearInterval(chatter);
    expect(await other.event("tunnel_close")).toMatchObject({ target: `127.0.0.1:${world.echoPort}` });
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
    const socket = await world.openTunnel(`127.0.0.1:${(server.address() as AddressInfo).port}`, other);
    socket.write("GET");
    expect(await readToEnd(socket)).toEndWith("tick the client is gone");
    server.close();
  });
});
