/** Runs the stand-in on loopback with the machine's own Node, for tests that need no engine. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePipelockStandIn } from "./bundle.ts";

export type LogLine = Readonly<Record<string, unknown>>;

export interface RunningStandIn extends AsyncDisposable {
  readonly port: number;
  readonly configPath: string;
  /** Sends a text and reads to the connection's end */
  exchange(text: string): Promise<string>;
  /** The next event of that name, and with these values, that nobody has taken yet; tests come in any order */
  event(name: string, values?: LogLine): Promise<LogLine>;
  /** Waits for a text on stderr */
  complaint(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly exit: Promise<number>;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function runStandIn(arguments_: readonly string[]): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "pipelock-stand-in-"));
  try {
    const child = await spawn(folder, arguments_);
    const [code, stdout, stderr] = await Promise.all([
      child.exited,
      child.stdout.text(),
      child.stderr.text(),
    ]);
    return { code, stdout, stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts it with this configuration; resolves when /health answers. */
export async function startStandIn(
  config: unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningStandIn> {
  const folder = await mkdtemp(join(tmpdir(), "pipelock-stand-in-"));
  const configPath = join(folder, "pipelock.yaml");
  await writeFile(configPath, typeof config === "string" ? config : JSON.stringify(config));
  const port = await findPort();
  const child = await spawn(
    folder,
    ["run", "--config", configPath, "--listen", `127.0.0.1:${port}`],
    environment,
  );
  const events = collect(child.stdout, (line) => JSON.parse(line) as LogLine);
  const complaints = collect(child.stderr, (line) => line);
  const exchange = (text: string) => exchangeText(port, text);
  const end = async () => {
    child.kill("SIGKILL");
    await child.exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await events.take((line) => line["event"] === "startup");
    await awaitHealth(exchange, child);
  } catch (error) {
    // Nobody gets a program that could be ended
    await end();
    throw error;
  }
  return {
    port,
    configPath,
    exchange,
    event: (name, values = {}) =>
      events.take((line) =>
        Object.entries({ ...values, event: name }).every(([key, value]) => line[key] === value),
      ),
    complaint: async (text) => void (await complaints.take((line) => line.includes(text))),
    signal: (name) => child.kill(name),
    exit: child.exited,
    [Symbol.asyncDispose]: end,
  };
}

/** A free port of loopback. */
export async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Without a home, as in a container; a secret of the environment would be looked for in every URL. */
async function spawn(
  folder: string,
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const program = join(folder, "program.cjs");
  await writeFile(program, await bundlePipelockStandIn());
  return Bun.spawn(["node", program, ...arguments_], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

function exchangeText(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.once("error", reject);
    socket.once("close", () => resolve(answer));
  });
}

/** The port is bound after the start-up line. */
async function awaitHealth(
  exchange: (text: string) => Promise<string>,
  child: Bun.Subprocess,
): Promise<void> {
  const request = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  while (child.exitCode === null) {
    const answer = await exchange(request).catch(() => "");
    if (answer.startsWith("HTTP/1.1 200")) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("The stand-in ended before it answered");
}

/** Keeps lines until somebody takes them. */
function collect<T>(stream: ReadableStream<Uint8Array>, parse: (line: string) => T) {
  const kept: T[] = [];
  let wake = Promise.withResolvers<void>();
  let hasEnded = false;
  const read = async () => {
    let pending = "";
    for await (const chunk of stream) {
      const lines = (pending + Buffer.from(chunk).toString()).split("\n");
      pending = lines.pop() ?? "";
      kept.push(...lines.filter((line) => line !== "").map(parse));
      wake.resolve();
      wake = Promise.withResolvers();
    }
    hasEnded = true;
    wake.resolve();
  };
  void read();
  return {
    async take(isWanted: (one: T) => boolean): Promise<T> {
      for (;;) {
        const index = kept.findIndex(isWanted);
        const [found] = index < 0 ? [] : kept.splice(index, 1);
        if (found !== undefined) return found;
        if (hasEnded) throw new Error(`The output ended without it: ${JSON.stringify(kept)}`);
        await wake.promise;
      }
    },
  };
}
