/**
 * The names that pipelock is told while there is an upstream proxy. pipelock looks every name up and dials an address; behind a proxy
 * there may be nobody to ask, and nothing answers at the address. So the gate answers: with an address of its own for a host that a
 * connection is being opened to, with what the nameservers say for one that is reached past the proxy, and with nothing for all others.
 */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIpv4 } from "../../core/host-name.ts";
import { isDirect } from "../../core/no-proxy.ts";
import type { GateProxy } from "../../protocol/gate.ts";
import { GateFailure } from "./failure.ts";

const dnsPort = 53;
const headBytes = 12;
const typeA = 1;
/** NOERROR, NXDOMAIN and REFUSED of RFC 1035 */
const codes = { found: 0, none: 3, refused: 5 } as const;
const askTimeoutMs = 4_000;

interface Question {
  /** Canonical: lower case, without the last dot */
  readonly name: string;
  readonly type: number;
  /** Where the question ends in the message */
  readonly end: number;
}

/** Whom a name leads to at this moment: an address of the gate's, or undefined. */
export type OwnAddress = (name: string) => string | undefined;

/** Listens where the engine's resolver forwards to; `port` is the nameservers' too. Rejects with a `GateFailure` if it cannot. */
export async function answerNames(proxy: GateProxy, find: OwnAddress, port = dnsPort): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    // Stays for good: an answer that cannot be sent must not end the gate
    socket.on("error", (error) => reject(new GateFailure(`names cannot be answered: ${error.message}`)));
    socket.bind(port, "127.0.0.1", resolve);
  });
  socket.on("message", (message, from) => {
    const question = readQuestion(message);
    if (!question) return;
    const send = (answer: Buffer) => socket.send(answer, from.port, from.address);
    const address = find(question.name);
    if (address !== undefined) return send(renderAnswer(message, question, codes.found, address));
    if (!isDirect(question.name, proxy.direct)) return send(renderAnswer(message, question, codes.none));
    void forward(message, proxy.nameservers, port).then((reply) =>
      send(reply ?? renderAnswer(message, question, codes.refused)),
    );
  });
  return socket;
}

/** Undefined for what is no plain question for one name. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < headBytes || (message[2] ?? 0) & 0x80 || message.readUInt16BE(4) !== 1)
    return undefined;
  const labels: string[] = [];
  let at = headBytes;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    if (length > 63 || at + 1 + length >= message.length) return undefined;
    labels.push(message.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const end = at + 5;
  if (end > message.length || labels.some((one) => one.includes("."))) return undefined;
  return { name: labels.join("."), type: message.readUInt16BE(at + 1), end };
}

/** With an address for the type A, and with no record for every other type of a name that has one. */
export function renderAnswer(message: Buffer, question: Question, code: number, address?: string): Buffer {
  const hasRecord = address !== undefined && question.type === typeA;
  const head = Buffer.from(message.subarray(0, headBytes));
  head[2] = 0x80 | ((head[2] ?? 0) & 0x01);
  head[3] = 0x80 | code;
  head.writeUInt16BE(hasRecord ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const asked = message.subarray(headBytes, question.end);
  if (!hasRecord) return Buffer.concat([head, asked]);
  // The name as it was asked (a pointer to byte 12), type A, class IN, kept by nobody (0 s), four bytes
  const record = Buffer.from("c00c00010001000000000004", "hex");
  return Buffer.concat([head, asked, record, Buffer.from(address.split(".").map(Number))]);
}

/** Asks the nameservers one after the other. Undefined if none of them answers within the time for all of them together. */
async function forward(
  message: Buffer,
  nameservers: readonly string[],
  port: number,
): Promise<Buffer | undefined> {
  const servers = nameservers.filter(isIpv4);
  for (const server of servers) {
    const reply = await askServer(message, { address: server, port }, askTimeoutMs / servers.length);
    if (reply) return reply;
  }
  return undefined;
}

function askServer(
  message: Buffer,
  { address, port }: { readonly address: string; readonly port: number },
  timeoutMs: number,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const asking = createSocket("udp4");
    const end = (reply?: Buffer) => {
      clearTimeout(timer);
      asking.removeAllListeners("message").close();
      resolve(reply);
    };
    const timer = setTimeout(end, timeoutMs);
    asking.on("error", () => undefined);
    asking.on("message", (reply, from) => {
      // Whoever guesses the port would have to be that server too
      const isAnswer = from.address === address && reply.length >= headBytes;
      if (isAnswer && reply.readUInt16BE(0) === message.readUInt16BE(0)) end(reply);
    });
    asking.send(message, port, address);
  });
}
