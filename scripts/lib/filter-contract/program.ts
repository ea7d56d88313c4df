/** A filter as a process on loopback: started, listened to, ended. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { makeLines } from "./lines.ts";
import type { Lines } from "./lines.ts";
import { ask } from "./wire.ts";

/** How the program is run; without an environment of its own, as in its container */
export interface Program {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningProgram extends AsyncDisposable {
  readonly port: number;
  readonly configPath: string;
  /** Lines of stdout and stderr so far, and those to come */
  readonly stdout: Lines;
  readonly stderr: Lines;
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<number>;
}

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export async function runProgram(program: Program, words: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn(program, words, cwd);
  const [exitCode, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode, stdout, stderr };
}

/** Starts it on a configuration, and resolves when `/health` answers; rejects if it ends before. */
export async function startProgram(
  program: Program,
  folder: string,
  config: string,
): Promise<RunningProgram> {
  const configPath = join(folder, "pipelock.yaml");
  await writeFile(configPath, config);
  const port = await findPort();
  const child = spawn(program, ["run", "--config", configPath, "--listen", `127.0.0.1:${port}`], folder);
  const stderr = makeLines(child.stderr);
  const running = {
    port,
    configPath,
    stdout: makeLines(child.stdout),
    stderr,
    signal: (name: NodeJS.Signals) => child.kill(name),
    exited: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
  while (child.exitCode === null && child.signalCode === null) {
    if (
      (await ask(port, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))?.status.includes(
        "200",
      )
    )
      return running;
    await Bun.sleep(10);
  }
  throw new Error(`The filter ended before it answered: ${stderr.all().slice(-3).join("\n")}`);
}

const firstPort = 20_000;
const ports = 10_000;
let nextPort = Math.floor(Math.random() * ports);

/** A free port of loopback, out of the range that the system gives to connections: those come and go all the time here. */
export async function findPort(): Promise<number> {
  for (;;) {
    nextPort += 1;
    const port = firstPort + (nextPort % ports);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}

function spawn({ command, environment }: Program, words: readonly string[], cwd: string) {
  return Bun.spawn([...command, ...words], {
    cwd,
    env: { ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}
