/**
 * The gate's front door: requests to the proxy. A head is read the same however it comes, what is refused is refused in words, and what is
 * let through says the same to a forgiving reader, before and after it was written anew.
 */
import { PassThrough } from "node:stream";
import type { Socket } from "node:net";
import { parseConnect } from "../../../src/sidecar/gate/connect-request.ts";
import { parsePlainRequest } from "../../../src/sidecar/gate/plain-request.ts";
import { Refusal } from "../../../src/sidecar/gate/refusal.ts";
import { readHead } from "../../../src/sidecar/gate/request-head.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";

const hosts = [
  "a.test",
  "A.Test",
  "a.test.",
  "a.test..",
  "*.a.test",
  "xn--a.test",
  "b.test",
  "0x7f.1",
  "127.1",
  "127.0.0.1",
  "[::1]",
  "[::ffff:1.2.3.4]",
].concat([
  "0177.0.0.1",
  "2130706433",
  "a%2etest",
  "a.test%00.b.test",
  "a.test\0.b.test",
  "u@a.test",
  "a.test#b",
  "a.test\\@b.test",
  "ａ.test",
  "a_b.test",
  "-a.test",
  "",
]);
const ports = [
  ":443",
  ":80",
  ":22",
  "",
  ":0443",
  ":+443",
  ":65536",
  ":443:443",
  ": 443",
  ":0",
  ":443/",
  ":0x1bb",
  ":99999999999999999999",
];
const versions = [
  " HTTP/1.1",
  " HTTP/1.0",
  " HTTP/2.0",
  " HTTP/1.10",
  "",
  " http/1.1",
  "  HTTP/1.1",
  " HTTP/1.1 ",
  "\tHTTP/1.1",
];
const methods = [
  "CONNECT",
  "CONNECT",
  "CONNECT",
  "GET",
  "POST",
  "HEAD",
  "connect",
  "PRI",
  "TRACE",
  "GET\t",
  "CONNECT\0",
];
const paths = [
  "/",
  "",
  "/a?b=c",
  "//b.test/",
  "/../x",
  "/%2e%2e",
  "/a b",
  "?q",
  "#f",
  "/\\b.test",
  "/@b.test/",
  "/\u00e9",
  '/"',
  "/a#b",
];
const lines = [
  "Host: a.test",
  "host: b.test",
  "Host : a.test",
  "Content-Length: 3",
  "Content-Length: 3, 4",
  "content-length: 03",
  "Content-Length: -1",
].concat(
  [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    "Transfer_Encoding: chunked",
    "transfer-encoding:\tidentity, chunked",
    "Connection: X-A, close",
    "X-A: 1",
  ],
  [
    " folded: x",
    "\tfolded",
    "NoColon",
    ": empty",
    "A: \0",
    "A: \u00e9\u00ff",
    "A:\u000b",
    "Upgrade: h2c",
    "Expect: 100-continue",
    "Proxy-Authorization: Basic eA==",
  ],
  [
    "X-Original-URL: /x",
    "Via: 1.1 x",
    "Forwarded: host=b.test",
    "TE: trailers",
    "Trailer: x",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
  ],
);
const breaks = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\u0085", "\r\n\r\n"];

function makeHead(picker: Picker): string {
  const method = picker.pick(methods);
  const host = picker.pick(hosts) + picker.pick(ports);
  const target = picker.once(2)
    ? host
    : `${picker.pick(["http://", "http://", "HTTP://", "https://", "ftp://", "//", "http:/"])}${host}${picker.pick(paths)}`;
  const headers = picker.list(0, 4, () => picker.pick(lines));
  return [
    method + picker.pick([" ", " ", " ", "  ", "\t"]) + target + picker.pick(versions),
    ...headers,
  ].join(picker.once(4) ? picker.pick(breaks) : "\r\n");
}

/** Reads it as the proxy does, from pieces; a text that says all that came of it. */
async function read(chunks: readonly Buffer[]): Promise<string> {
  const stream = new PassThrough();
  const reading = readHead(stream as unknown as Socket, 10_000).then(({ text }) => judge(text), describe);
  for (const chunk of chunks) {
    stream.write(chunk);
    await Promise.resolve();
  }
  stream.end();
  return reading;
}

function describe(error: unknown): string {
  if (error instanceof Refusal) return `refused: ${error.code} ${error.message}`;
  throw error;
}

function judge(text: string): string {
  try {
    const plain = parsePlainRequest(text);
    return JSON.stringify(plain ? { ...plain, problem: plain.problem?.message } : parseConnect(text));
  } catch (error) {
    return describe(error);
  }
}

/** What a forgiving reader takes the target for, without the dot at its end; undefined if it takes it for nothing. */
function readForgivingly(text: string): string | undefined {
  const [, target = ""] = text.split(" ");
  const url = URL.parse(/^http:/i.test(target) ? target : `http://${target}`);
  return url ? `${url.hostname.replace(/\.$/, "")}:${url.port || "80"}` : undefined;
}

function findFault(text: string): string | undefined {
  const plain = parsePlainRequest(text);
  if (plain?.problem) return undefined;
  const { host, port } = plain ?? parseConnect(text);
  if (!/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host)) return `${host} is not canonical`;
  const forgiving = readForgivingly(text);
  if (forgiving !== undefined && forgiving !== `${host}:${port}`)
    return `another reader takes it for ${forgiving}`;
  if (!plain) {
    const again = parseConnect(`CONNECT ${host}:${port} HTTP/1.1`);
    return again.host === host && again.port === port ? undefined : "written anew it is another one";
  }
  const url = URL.parse(`http://${host}${plain.path}`);
  if (url && (url.hostname !== host || url.username !== "" || url.hash !== ""))
    return `written anew it is for ${url.href}`;
  const odd = plain.headers.find(
    ([name, value]) => !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || /[\0\r\n\u000b\u007f]/.test(value),
  );
  if (odd) return `the header ${JSON.stringify(odd)} is passed on`;
  const framing = plain.headers.find(([name]) =>
    /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|via|forwarded|keep-alive|proxy-.*)$/.test(
      name,
    ),
  );
  return framing && `the header ${framing[0]} is passed on`;
}

export const fuzzer: Fuzzer = {
  async try(picker) {
    const head = makeHead(picker);
    const bytes = Buffer.from(
      `${head}\r\n\r\n${picker.pick(["", "GET http://b.test/ HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001"])}`,
      "latin1",
    );
    const whole = await read([bytes]);
    const cut = await read(picker.cut(bytes));
    // Where a head is no text it is refused at the byte that shows it, in the same words
    if (whole !== cut) return `${cut} when cut and ${whole} when not: ${JSON.stringify(head)}`;
    if (whole.startsWith("refused")) return undefined;
    const text = bytes.toString("latin1").split("\r\n\r\n")[0] ?? "";
    const fault = findFault(text);
    return fault && `${fault}: ${JSON.stringify(text)}`;
  },
};
