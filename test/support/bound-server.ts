/** An HTTPS server that writes down what reached it and sends it back in every way a server can, and a bottle that has a secret for it. */
import { runExec } from "../../src/engine/exec.ts";
import type { BoundSecret } from "./egress-plan.ts";
import { awaitListening } from "./egress-probe.ts";
import type { TestRun } from "./engine-gate.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";
import { buildTrustingImage } from "./session/trusting-image.ts";
import { makeLeakyStream } from "./scrubbing.ts";
import { launchShellSession } from "./shell-session.ts";
import type { ShellSession } from "./shell-session.ts";
import { makeTestAuthority } from "./test-authority.ts";
import type { TestAuthority } from "./test-authority.ts";

export const boundHost = "bound.test";
export const otherHost = "other.test";
export const realValue = "tok/real+VALUE=9f8e7d6c";
const boundSecret: BoundSecret = { name: "GIT_TOKEN", value: realValue, hosts: [boundHost] };

/** One request as the server saw it. */
export interface SeenByServer {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface BoundWorld {
  readonly session: ShellSession;
  readonly authority: TestAuthority;
  /** What the bottle has in the real value's place */
  readonly placeholder: string;
  /** Requests so far, those of the bound host or of the other one */
  seen(host?: string): Promise<SeenByServer[]>;
}

/** Bytes of what is stored that are sent at once */
export const storePiece = 1024;

const program = `
const fs = require("fs");
const zlib = require("zlib");
fs.writeFileSync("/tmp/seen", "");
const encoders = { "/gzip": ["gzip", zlib.gzipSync], "/br": ["br", zlib.brotliCompressSync], "/deflate": ["deflate", zlib.deflateSync],
  "/zstd": ["zstd", zlib.zstdCompressSync], "/odd": ["compress", (body) => body] };
const { Transform } = require("stream");
${makeLeakyStream.toString()}
let stored = Buffer.alloc(0);
let lastValue = "";
/** As it came, in pieces of one size; on the way past the rule that once was where the test wants that */
const sendStored = async (response) => {
  const out = process.env.LEAKY ? makeLeakyStream(process.env.LEAKY, "placeholder", Transform) : response;
  if (out !== response) response.writeHead(200), out.pipe(response);
  for (let at = 0; at < stored.length; at += ${storePiece}) {
    out.write(stored.subarray(at, at + ${storePiece}));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  out.end();
};
const writers = { "/hex": (value) => Buffer.from(value).toString("hex").toUpperCase(), "/utf16": (value) => Buffer.from(value, "utf16le"),
  "/unicode": (value) => value.replace(/[^a-z0-9]/gi, (sign) => "\\\\u00" + sign.charCodeAt(0).toString(16)),
  "/entities": (value) => value.replace(/[^a-z0-9]/gi, (sign) => "&#x" + sign.charCodeAt(0).toString(16) + ";"),
  "/twice": (value) => encodeURIComponent(encodeURIComponent(value)), "/bare": (value) => encodeURIComponent(value).replace("%2B", "+"),
  "/wrapped": (value) => Buffer.from("x".repeat(50) + value).toString("base64").replace(/.{76}/g, "$&\\r\\n") };
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const body = Buffer.concat(chunks).toString("latin1");
    const { method, url, headers } = request;
    // Before it answers: whoever has the answer finds the line
    fs.appendFileSync("/tmp/seen", JSON.stringify({ method, url, headers, body: body.slice(0, 4096), bytes: body.length }) + "\\n");
    const value = (headers.authorization ?? "").replace(/^\\S+ /, "");
    if (value) lastValue = value;
    if (url === "/store" && method === "PUT") return stored = body.length ? Buffer.concat(chunks) : stored, response.end("stored");
    if (url === "/store") return void sendStored(response);
    if (url === "/page") {
      const page = Buffer.from("0123456789" + lastValue + "0123456789");
      const [, from, to] = /^bytes=(\\d+)-(\\d+)$/.exec(headers.range ?? "") ?? [];
      if (from === undefined) return response.end(page);
      return response.writeHead(206, { "content-range": "bytes " + from + "-" + to + "/" + page.length }).end(page.subarray(+from, +to + 1));
    }
    if (url === "/trailers") {
      const name = "x-" + Buffer.from(value).toString("hex");
      response.writeHead(200, { trailer: "x-end, " + name, [name]: "named", "content-digest": "sha-256=:AAAA:", "accept-ranges": "bytes" });
      response.write("before " + value + " after");
      response.addTrailers({ "x-end": value, [name]: "named" });
      return response.end();
    }
    if (url === "/part") return response.writeHead(206, { "content-range": "bytes 0-4/24" }).end(value.slice(0, 5));
    if (url === "/charset") return response.writeHead(200, { "content-type": "text/plain; charset=utf-7" }).end(value.replace("+", "+-"));
    if (writers[url]) return response.end(writers[url](value));
    const encoder = encoders[url];
    if (encoder) {
      const sent = encoder[1](Buffer.from("before " + value + " after"));
      return response.writeHead(200, { "content-encoding": encoder[0], "content-length": sent.length }).end(sent);
    }
    if (url === "/head") return response.writeHead(200, "OK " + value, { "x-echo": "is " + value, location: "/?t=" + encodeURIComponent(value) }).end("done");
    if (url === "/split") {
      response.writeHead(200);
      const bytes = Buffer.from("before " + value + " after");
      let at = 0;
      const next = () => at < bytes.length ? (response.write(bytes.subarray(at, ++at)), setTimeout(next, 5)) : response.end();
      return next();
    }
    if (url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\\n\\n");
      return void setTimeout(() => response.end("data: " + value + "\\n\\n"), 1500);
    }
    if (url === "/big") return response.writeHead(200, { "content-length": 50e6 }).end(Buffer.alloc(50e6, "x"));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ authorization: headers.authorization, base64: Buffer.from("user:" + value).toString("base64"), body: body.slice(0, 1000), bytes: body.length }));
  });
}).listen(443, () => console.log("listening"));
`;

/** Launches both. Everything carries the run's labels. */
export async function beginBoundWorld(
  run: TestRun,
  options: {
    readonly runtime: RuntimeChoice;
    /** With curl and git: what `ensureScriptedClaude` gives */
    readonly base: string;
    readonly pipelockImage?: string;
    readonly secrets?: readonly BoundSecret[];
    /** Further hosts that the certificate is for */
    readonly names?: readonly string[];
  },
): Promise<BoundWorld> {
  const names = [boundHost, otherHost];
  const allNames = [...names, ...(options.names ?? [])];
  const authority = await makeTestAuthority(allNames);
  const image = await buildTrustingImage(run.engine, {
    base: options.base,
    tag: run.name(
      `trusting-${options.runtime}-${options.pipelockImage === undefined ? "alone" : "filtered"}`,
    ),
    ca: authority.ca,
    labels: run.labels,
  });
  const session = await launchShellSession(run, {
    private: allNames,
    secrets: [boundSecret],
    image,
    ...options,
  });
  const servers = new Map<string, string>();
  for (const name of names) {
    const id = await session.addServer(name, {
      Cmd: ["node", "-e", program],
      Env: [
        `KEY=${authority.key}`,
        `CERT=${authority.cert}`,
        // Where nobody opens TLS the server itself does to what it sends what the gate once did
        ...(name === otherHost ? [`LEAKY=${realValue}`] : []),
      ],
    });
    await awaitListening(run.engine, id);
    servers.set(name, id);
  }
  return {
    session,
    authority,
    placeholder: (await session.say('printf %s "$GIT_TOKEN"')).output,
    async seen(host = boundHost) {
      const { stdout } = await runExec(run.engine, servers.get(host) ?? "", {
        command: ["cat", "/tmp/seen"],
      });
      const lines = Buffer.from(stdout).toString().split("\n").filter(Boolean);
      return lines.map((line) => JSON.parse(line) as SeenByServer);
    },
  };
}
