/** The two corpora of `inspect` through a real filter whose TLS is opened: what passes, and what does not. */
import { createServer } from "node:https";
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { dirname, join } from "node:path";
import { connect as connectTls } from "node:tls";
import { everyday, leaks } from "../../../test/support/inspect/corpora.ts";
import type { Sample } from "../../../test/support/inspect/sample.ts";
import { opened } from "./catalogue/configs.ts";
import { findPort, runProgram, startProgram } from "./program.ts";
import type { Program, RunningProgram } from "./program.ts";
import { makeFolder } from "./recording-folder.ts";
import { dial, readAnswer, Wire } from "./wire.ts";

/** How a filter took them. A request has passed if the host got all of it unchanged. */
export interface CorporaRecord {
  readonly version: string;
  readonly everyday: { readonly requests: number; readonly blocked: Readonly<Record<string, string>> };
  readonly leaks: { readonly requests: number; readonly caught: number; readonly missed: readonly string[] };
}

const folderPath = join(import.meta.dir, "../../../test/contract/pipelock/corpora");

/** Sends each request of both corpora and says what became of it. */
export async function recordCorpora(command: readonly string[]): Promise<CorporaRecord> {
  await using folder = await makeFolder();
  const environment = { SSL_CERT_FILE: folder.serverAuthority, PATH: process.env["PATH"] ?? "" };
  const program: Program = { command, environment };
  const { stderr } = await runProgram(program, ["version"], folder.path);
  const version = /version (\S+)/.exec(stderr)?.[1] ?? "unknown";
  const home = join(folder.path, "corpora");
  await mkdir(home);
  const config = JSON.stringify(opened).replaceAll("{folder}", folder.path);
  const metrics = String(await findPort());
  await using running = await startProgram(program, home, config.replaceAll("{metrics}", metrics));
  const host = await startHost(folder.server);
  const blocked: Record<string, string> = {};
  for (const [index, one] of everyday.entries()) {
    const why = await send(running, host, one);
    if (why !== undefined) blocked[`${index + 1} ${one.name}`] = why;
  }
  const missed: string[] = [];
  for (const one of leaks) if ((await send(running, host, one)) === undefined) missed.push(one.name);
  host.end();
  return {
    version,
    everyday: { requests: everyday.length, blocked },
    leaks: { requests: leaks.length, caught: leaks.length - missed.length, missed },
  };
}

/** Returns where it is. */
export async function writeCorpora(record: CorporaRecord): Promise<string> {
  if (!/^[\w.-]+$/.test(record.version)) throw new Error(`Not a usable version: ${record.version}`);
  const path = join(folderPath, `${record.version}.json`);
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, `${JSON.stringify(record, null, 1)}\n`);
  return path;
}

interface Host {
  readonly port: number;
  /** Fingerprints of what has come since the last time */
  take(): string[];
  end(): void;
}

const describe = (method: string, path: string, body: Buffer) =>
  `${method} ${path} ${createHash("sha256").update(body).digest("hex")}`;

async function startHost(tls: { readonly key: string; readonly cert: string }): Promise<Host> {
  const came: string[] = [];
  const server = createServer({ ...tls, maxHeaderSize: 65_536 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined).on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      came.push(describe(request.method ?? "", request.url ?? "", Buffer.concat(chunks)));
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "::", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, take: () => came.splice(0), end: () => void server.close().closeAllConnections() };
}

/** Undefined if it has passed, and else what the filter answered. */
async function send({ port }: RunningProgram, host: Host, sample: Sample): Promise<string | undefined> {
  const { method, path, headers, body } = sample;
  const wire = await dial(port);
  try {
    const authority = `localhost:${host.port}`;
    wire.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const tunnel = await readAnswer(wire, "CONNECT");
    if (!tunnel?.status.includes(" 200 ")) return `no tunnel: ${tunnel?.status ?? "closed"}`;
    wire.release();
    const socket = wire.stream as Socket;
    const inner = connectTls({ socket, servername: "localhost", rejectUnauthorized: false });
    const secure = new Wire(inner);
    const lines = headers.map(([name, value]) => `${name}: ${name === "Host" ? authority : value}`);
    secure.write([`${method} ${path} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n"));
    inner.write(body);
    const answer = await readAnswer(secure, method);
    inner.destroy();
    const came = host.take();
    if (came.includes(describe(method, path, body))) return undefined;
    return came.length > 0 ? "changed" : `${answer?.status ?? "closed"} ${shorten(answer?.body ?? "")}`;
  } finally {
    wire.stream.destroy();
  }
}

/** The reason alone: what was found stands in nobody's record. */
function shorten(text: string): string {
  return text
    .trim()
    .replaceAll(/localhost:\d+/g, "HOST")
    .slice(0, 120);
}
