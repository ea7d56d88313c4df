/** `run`: from a configuration to a listening proxy, in the real program's order of messages. */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { Failure, loadConfig, requireRecorded } from "./config.ts";
import type { Config } from "./config.ts";
import { handleConnect } from "./connect.ts";
import { converse } from "./conversation.ts";
import type { Outcome, Request } from "./conversation.ts";
import { forward } from "./forward.ts";
import { beginRequest, logAs, logLine } from "./program.ts";
import type { Program } from "./program.ts";
import { recorded, recordedLife, renderAnswer, swap } from "./recorded.ts";
import { watchConfig } from "./reload.ts";
import type { Wire } from "../../../scripts/lib/filter-contract/wire.ts";

export interface RunOptions {
  readonly config: string | undefined;
  readonly mode: string | undefined;
  readonly listen: string | undefined;
}

/** Resolves when everything listens; signals end the process after that. Throws a `Failure` for what prevents the start. */
export async function run({ config: path = "", mode, listen }: RunOptions): Promise<void> {
  if (mode !== undefined && mode !== "strict")
    throw new Failure(wordsOf("run: unknown mode").replace("yolo", mode));
  const config = readConfig(path, listen);
  const program: Program = { config, startedAt: Date.now(), isSwitchedOff: false, requests: 0 };
  handleSignals(program);
  watchConfig(program, path);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const names = {
    "127.0.0.1:{proxy}": config.listen,
    "127.0.0.1:{metrics}": config.metrics,
    "{folder}": folder,
  };
  const words = recordedLife("start: words").map((line) => swap(line, names));
  process.stderr.write(`${words.slice(0, -1).join("\n")}\n`);
  await bind(
    createServer((socket) => void serve(program, socket, true)),
    config.metrics,
    "metrics bind",
  );
  process.stderr.write(`${words.at(-1)}\n`);
  // Before the port is bound: only /health proves that it listens
  for (const line of recordedLife("start: events")) logLine(line, { ...names, "{hash}": config.hash });
  await bind(
    createServer((socket) => void serve(program, socket, false)),
    config.listen,
    "proxy error",
  );
}

function readConfig(path: string, listen: string | undefined): Config {
  try {
    const config = loadConfig(path);
    requireRecorded(config);
    return { ...config, listen: listen ?? config.listen };
  } catch (error) {
    throw error instanceof Failure ? new Failure(`loading config: ${error.message}`) : error;
  }
}

/** What the record has on stderr of a command that fails. */
export function wordsOf(name: string): string {
  const lines = recordedLife(name).filter((line) => line.startsWith("stderr: "));
  return lines.map((line) => line.slice("stderr: ".length)).join("\n");
}

async function serve(program: Program, socket: Socket, isMetrics: boolean): Promise<void> {
  await converse(socket, async (request, wire) => {
    if (isMetrics) return answerPage(program, metricsPage(request.target), request, wire);
    if (request.method === "CONNECT") return handleConnect(program, request, wire);
    if (/^[a-z]+:\/\//i.test(request.target)) return forward(program, request, wire);
    return answerPage(program, ownPage(request.target), request, wire);
  });
}

/** The name in the record of the page at this address; any other is not found. */
function ownPage(target: string): string {
  const [path = "", query = ""] = target.split("?");
  if (path === "/fetch" && query !== "")
    return query.startsWith("url=http") ? "/fetch of what is not listed" : "/fetch of what is no address";
  const names = ["/fetch", "/ws", "/api/v1/killswitch", "/api/v1/killswitch/status", "/health"];
  return names.find((one) => one === path) ?? "/";
}

/** Nobody reads what is on them, so one page stands for both. */
function metricsPage(target: string): string {
  return target === "/metrics" || target === "/stats" ? "/health" : "/";
}

function answerPage(program: Program, name: string, request: Request, wire: Wire): Outcome {
  const seconds = (Date.now() - program.startedAt) / 1000;
  const swaps = {
    '"uptime_seconds":0': `"uptime_seconds":${seconds}`,
    '"tls_interception_enabled":false': `"tls_interception_enabled":${program.config.interception !== undefined}`,
    '"kill_switch_active":false': `"kill_switch_active":${program.isSwitchedOff}`,
  };
  const exchange = recorded("own pages", name);
  if (exchange.log.length > 0)
    logAs(exchange, beginRequest(program, (wire.stream as Socket).remoteAddress ?? ""), {});
  wire.write(renderAnswer(exchange.answer, swaps, request.isLast));
  return "answered";
}

function handleSignals(program: Program): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      for (const line of recordedLife(signal).slice(1)) logLine(line, {});
      process.exit(0);
    });
  }
  process.on("SIGUSR1", () => {
    program.isSwitchedOff = !program.isSwitchedOff;
  });
}

function bind(server: Server, address: string, what: string): Promise<void> {
  const [host, port] = [
    address.slice(0, address.lastIndexOf(":")),
    Number(address.slice(address.lastIndexOf(":") + 1)),
  ];
  return new Promise((resolve, reject) => {
    server.once("error", () =>
      reject(new Failure(`${what}: listen tcp ${address}: bind: address already in use`)),
    );
    server.listen(port, host, resolve);
  });
}
