/** The probe: runs in a bottle in claude's place, as the same user and under the same rules, tries each way out, and says what came. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { makeQuestion } from "./dns-question.ts";
import type { ProbeTask } from "../../protocol/probe.ts";

/** A packet that is going to arrive arrives in much less; nothing is concluded from the silence itself */
const patienceMs = 1_500;
const dnsPort = 53;

createInterface({ input: process.stdin }).once("line", (line) => {
  const tasks = JSON.parse(line) as ProbeTask[];
  Promise.all(tasks.map(run)).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(task: ProbeTask): Promise<void> {
  const outcome = await perform(task).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  console.log(JSON.stringify({ event: "answer", name: task.name, outcome: firstLine(outcome) }));
}

function perform(task: ProbeTask): Promise<string> {
  switch (task.kind) {
    case "tcp":
      return exchange(task.host, task.port, task.token);
    case "request":
      return exchange(task.host, task.port, task.text);
    case "udp":
      return send(task.host, task.port, Buffer.from(task.token));
    case "dns":
      return send(
        task.server,
        dnsPort,
        makeQuestion(task.host),
        (answer) => `by ${task.server}: rcode ${(answer[3] ?? 0) & 15}`,
      );
    case "lookup":
      return inTime(lookup(task.host).then(({ address }) => `answered ${address}`));
    case "perl":
      return runPerl(task.script);
    case "read":
      return readLines(task.path, task.fields ?? [""]);
  }
}

/** Connects, sends, and gives what came first. */
function exchange(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      socket.destroy();
    };
    let isConnected = false;
    const timer = setTimeout(() => end(() => resolve(isConnected ? "connected" : "silence")), patienceMs);
    socket.once("connect", () => {
      isConnected = true;
      socket.write(text);
    });
    socket.once("data", (chunk: Buffer) => end(() => resolve(chunk.toString("latin1"))));
    socket.once("end", () => end(() => resolve("connected and closed")));
    socket.once("error", (error) => end(() => reject(error)));
  });
}

/** Sends a datagram and gives the answer, if any. */
function send(host: string, port: number, bytes: Buffer, describe = renderLength): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const timer = setTimeout(() => end(() => resolve("silence")), patienceMs);
    socket.once("message", (message) => end(() => resolve(`answered ${describe(message)}`)));
    socket.once("error", (error) => end(() => reject(error)));
    // Connected, so that a refusal of the other side comes back as an error
    socket.once("connect", () => socket.send(bytes));
    socket.connect(port, host);
  });
}

function renderLength(message: Buffer): string {
  return `${message.length} bytes`;
}

function runPerl(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("perl", ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    child.once("error", reject);
    child.once("close", () => resolve(text));
  });
}

async function readLines(path: string, fields: readonly string[]): Promise<string> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const kept = lines.filter((line) => fields.some((field) => line.startsWith(field)));
  return kept.map((line) => line.replaceAll(/\s+/g, " ").trim()).join("; ");
}

function inTime(promise: Promise<string>): Promise<string> {
  const limit = new Promise<string>((resolve) => {
    setTimeout(() => resolve("silence"), patienceMs * 2).unref();
  });
  return Promise.race([promise, limit]);
}

function firstLine(text: string): string {
  return (text.split(/\r?\n/)[0] ?? "").slice(0, 300);
}
