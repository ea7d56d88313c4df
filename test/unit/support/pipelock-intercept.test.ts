import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { Server } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { makeCertificates } from "../../support/certificates.ts";
import { loadAuthority } from "../../support/pipelock/authority.ts";
import { startStandIn } from "../../support/pipelock/launch.ts";
import type { RunningStandIn } from "../../support/pipelock/launch.ts";
import { makeAuthorityFiles } from "../../support/pipelock/make-authority.ts";

// Needs: openssl
setDefaultTimeout(30_000);

let folder: string;
let ca: string;
let web: Server;
let port: number;
let proxy: RunningStandIn;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipelock-intercept-"));
  await makeAuthorityFiles(folder);
  ca = await readFile(join(folder, "ca.pem"), "utf8");
  const upstream = await makeCertificates(join(folder, "upstream"));
  web = createServer({ cert: upstream.server.cert, key: upstream.server.key }, (request, response) => {
    if (request.url === "/packed") response.setHeader("Content-Encoding", "gzip");
    response.end(request.url === "/large" ? "x".repeat(2000) : `hello ${request.headers.host}`);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  port = (web.address() as AddressInfo).port;
  proxy = await startStandIn(
    {
      mode: "strict",
      api_allowlist: ["127.0.0.1"],
      ssrf: { ip_allowlist: ["127.0.0.1/32"] },
      forward_proxy: { enabled: true },
      request_body_scanning: { action: "block" },
      dlp: { scan_env: false },
      tls_interception: {
        enabled: true,
        ca_cert: join(folder, "ca.pem"),
        ca_key: join(folder, "ca-key.pem"),
        max_response_bytes: 1000,
      },
    },
    { SSL_CERT_FILE: join(folder, "upstream/ca.pem") },
  );
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  web.close();
  await rm(folder, { recursive: true, force: true });
});

function openTunnel(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(proxy.port, "127.0.0.1", () =>
      socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`),
    );
    socket.once("error", reject);
    socket.once("data", () => resolve(socket));
  });
}

/** One request inside an opened tunnel, whose certificate must be the CA's. */
async function ask(request: string, host = `127.0.0.1:${port}`): Promise<string> {
  const socket = await openTunnel();
  const [line = "", ...rest] = request.split("\r\n");
  return new Promise((resolve, reject) => {
    const inner = connectTls({ socket, host: "127.0.0.1", ca }, () =>
      inner.write(
        [`${line} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...rest].join("\r\n") +
          (rest.length > 0 ? "" : "\r\n\r\n"),
      ),
    );
    let answer = "";
    inner.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    inner.once("error", reject);
    inner.once("close", () => resolve(answer));
  });
}

describe("opened TLS", () => {
  test("shows a certificate of the CA and passes answers on", async () => {
    const answer = await ask("GET /");
    expect(answer).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(answer).toEndWith(`hello 127.0.0.1:${port}`);
  });

  test.each([
    ["GET /large", "blocked: response too large for scanning"],
    ["GET /packed", "blocked: compressed response cannot be scanned"],
    ["GET /?k=AKIAIOSFODNN7EXAMPLE", "blocked: core DLP match: AWS Access ID (critical)"],
    [
      "GET /\r\nAuthorization: Bearer sk-ant-oat01-abcdefgh\r\n\r\n",
      "blocked: request header contains secret",
    ],
    [
      "POST /\r\nContent-Length: 22\r\n\r\nsk-ant-oat01-abcdefghi",
      "blocked: request body contains secret: Anthropic API Key",
    ],
    [
      "POST /\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
      'blocked: request body uses Content-Encoding "gzip"; compressed bodies cannot be scanned for secrets',
    ],
  ])("refuses %j", async (request, text) => {
    const answer = await ask(request);
    expect(answer).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(answer).toEndWith(`\r\n\r\n${text}\n`);
  });

  test("refuses another host or port than the tunnel's", async () => {
    for (const host of ["other.example", "127.0.0.1", `127.0.0.1:${port + 1}`]) {
      expect(await ask("GET /", host)).toEndWith("authority mismatch: blocked\n");
    }
  });

  test("ends a tunnel that does not speak it", async () => {
    const socket = await openTunnel();
    socket.on("error", () => undefined);
    socket.write("SSH-2.0-x\r\n");
    await new Promise((resolve) => socket.once("close", resolve).resume());
    expect(await proxy.event("error")).toMatchObject({
      error: expect.stringContaining("client TLS handshake"),
    });
  });
});

test("a certificate holds under strict rules", async () => {
  const authority = loadAuthority({
    enabled: true,
    caCert: join(folder, "ca.pem"),
    caKey: join(folder, "ca-key.pem"),
    passthrough: [],
    ttlMs: 3_600_000,
    maxResponseBytes: 1,
  });
  for (const host of ["a.example", "10.1.2.3", "fd00::1"]) {
    const leaf = authority.leafFor(host);
    const certificate = new X509Certificate(leaf.cert);
    expect(certificate.checkHost(host) ?? certificate.checkIP(host)).toBe(host);
    expect(certificate.checkIssued(new X509Certificate(ca))).toBe(true);
    const path = join(folder, "leaf.pem");
    await writeFile(path, leaf.cert);
    const arguments_ = ["-x509_strict", "-purpose", "sslserver", "-CAfile", join(folder, "ca.pem"), path];
    const run = Bun.spawn(["openssl", "verify", ...arguments_], { stdout: "pipe", stderr: "pipe" });
    expect({ out: await run.stdout.text(), err: await run.stderr.text() }).toEqual({
      out: `${path}: OK\n`,
      err: "",
    });
  }
});
