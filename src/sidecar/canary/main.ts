/** The canary: listens where no bottle may be heard, and reports whoever is. What it hears is answered, so that both ends know. */
import type { CanaryEvent } from "../../protocol/probe-answers.ts";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { createInterface } from "node:readline";
import { readQuestion } from "../probe/dns-question.ts";
import type { CanaryRequest } from "../../protocol/probe.ts";

createInterface({ input: process.stdin }).once("line", (line) => {
  start(JSON.parse(line) as CanaryRequest).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on("SIGTERM", () => process.exit(0));

async function start({ port: wanted, dns }: CanaryRequest): Promise<void> {
  const port = await listenTcp(wanted);
  const udp = await listenUdp(port);
  const hasDns = dns !== undefined && (await listenDns(dns));
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter((one) => !one.internal && one.family === "IPv4").map((one) => one.address),
  );
  emit({ event: "listening", port, addresses, dns: hasDns, udp });
}

function listenTcp(port: number): Promise<number> {
  const server = createServer((socket) => {
    const from = socket.remoteAddress ?? "";
    socket.on("error", () => undefined);
    // A connection is a hit before it says a word: its packets have arrived
    emit({ event: "hit", kind: "tcp", from, text: "" });
    socket.on("data", (chunk) => {
      emit({ event: "hit", kind: "tcp", from, text: chunk.toString("latin1").slice(0, 200) });
      // An open proxy would say yes to anything; a test puts the canary in the sidecar's place
      socket.end(
        /^(?:GET|CONNECT) /.test(chunk.toString("latin1")) ? "HTTP/1.1 200 heard\r\n\r\n" : "heard\n",
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Both families on one socket, where there are both
    server.listen(port, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Of both families, where there are both. False where a filter refuses it, which nobody could send to either. */
async function listenUdp(port: number): Promise<boolean> {
  try {
    await listenUdpOf("udp6", port).catch(() => listenUdpOf("udp4", port));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
    throw error;
  }
}

async function listenUdpOf(family: "udp4" | "udp6", port: number): Promise<void> {
  const socket = createSocket(family);
  socket.on("message", (message, remote) => {
    emit({ event: "hit", kind: "udp", from: remote.address, text: message.toString("latin1").slice(0, 200) });
    socket.send("heard", remote.port, remote.address);
  });
  await new Promise<void>((resolve, reject) => {
    // Stays for good: an answer that cannot be sent must not end the canary
    socket.on("error", reject);
    socket.bind(port, resolve);
  });
}

/** Where an engine that forwards names to its host's loopback would ask. False if somebody else is there. */
function listenDns(address: string): Promise<boolean> {
  const socket = createSocket("udp4");
  socket.on("message", (message, remote) => {
    emit({ event: "hit", kind: "dns", from: remote.address, text: readQuestion(message) });
    socket.send(refuse(message), remote.port, remote.address);
  });
  return new Promise((resolve) => {
    socket.on("error", () => resolve(false));
    socket.bind(53, address, () => resolve(true));
  });
}

/** The question as a response with RCODE 5, so that nobody asks again and waits. */
function refuse(question: Buffer): Buffer {
  const answer = Buffer.from(question);
  answer[2] = (answer[2] ?? 0) | 0x80;
  answer[3] = ((answer[3] ?? 0) & 0xf0) | 5;
  return answer;
}

function emit(event: CanaryEvent): void {
  console.log(JSON.stringify(event));
}
