/** Command lines, signals, pages of its own and faults: what a filter says and does from its start to its end. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { configurations } from "./catalogue/configurations.ts";
import { strict } from "./catalogue/configs.ts";
import type { Contract, HttpAnswer } from "./contract.ts";
import { normaliseEvent, normaliseText } from "./normalise.ts";
import type { Names } from "./normalise.ts";
import { findPort, runProgram, startProgram } from "./program.ts";
import type { Program, RunningProgram } from "./program.ts";
import type { RecordingFolder } from "./recording-folder.ts";
import { ask, dial, readAnswer } from "./wire.ts";

type Life = Contract["life"];

export async function recordLife(program: Program, folder: RecordingFolder): Promise<Life> {
  const home = join(folder.path, "life");
  await mkdir(home);
  return {
    ...(await recordCommands(program, home)),
    ...(await recordStart(program, home)),
    ...(await recordSignals(program, home)),
  };
}

/** Command lines that end by themselves. */
async function recordCommands(program: Program, home: string): Promise<Life> {
  await Bun.write(join(home, "good.yaml"), configText(await findPort()));
  await Bun.write(join(home, "bad.yaml"), configurations["unknown key"] ?? "");
  const nobody = await findPort();
  const commands: Readonly<Record<string, readonly string[]>> = {
    version: ["version"],
    "run: no such file": ["run", "--config", join(home, "none.yaml")],
    "run: unknown key": ["run", "--config", join(home, "bad.yaml")],
    "run: unknown flag": ["run", "--no-such-flag"],
    "run: unknown mode": ["run", "--mode", "yolo"],
    "unknown command": ["jump"],
    "check: good": ["check", "--config", join(home, "good.yaml")],
    "check: bad": ["check", "--config", join(home, "bad.yaml")],
    "healthcheck: nobody": ["healthcheck", "--addr", `127.0.0.1:${nobody}`],
  };
  const life: Record<string, readonly string[]> = {};
  for (const [name, words] of Object.entries(commands)) {
    const { exitCode, stdout, stderr } = await runProgram(program, words, home);
    const names = { [home]: "folder", [String(nobody)]: "nobody" };
    life[name] = [
      `exit code ${exitCode}`,
      ...label("stdout", stdout, names),
      ...label("stderr", stderr, names),
    ];
  }
  return life;
}

async function recordStart(program: Program, home: string): Promise<Life> {
  const metrics = await findPort();
  await using running = await startProgram(program, home, configText(metrics));
  const names: Names = { [home]: "folder", [String(running.port)]: "proxy", [String(metrics)]: "metrics" };
  const other = join(home, "other.yaml");
  await Bun.write(other, configText(await findPort()));
  const taken = await runProgram(
    program,
    ["run", "--config", other, "--listen", `127.0.0.1:${running.port}`],
    home,
  );
  const health = await runProgram(program, ["healthcheck", "--addr", `127.0.0.1:${running.port}`], home);
  const said =
    (await ask(running.port, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))?.body ?? "";
  return {
    "start: events": running.stdout.all().map((line) => normaliseEvent(line, names)),
    "start: words": running.stderr.all().map((line) => normaliseText(line, names)),
    "start: health": [normaliseEvent(said, names)],
    "healthcheck: well": [
      `exit code ${health.exitCode}`,
      ...label("stdout", health.stdout, names),
      ...label("stderr", health.stderr, names),
    ],
    "start: port is taken": [
      `exit code ${taken.exitCode}`,
      ...label("stderr", taken.stderr, names).slice(-1),
    ],
    "metrics: paths on their own port": await Promise.all(
      ["/metrics", "/stats", "/health", "/fetch"].map(
        async (path) => `${path}: ${statusOf(await ask(metrics, page(path)))}`,
      ),
    ),
  };
}

async function recordSignals(program: Program, home: string): Promise<Life> {
  const life: Record<string, readonly string[]> = {};
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] as const) {
    const metrics = await findPort();
    await using running = await startProgram(program, home, configText(metrics));
    const names: Names = { [home]: "folder", [String(running.port)]: "proxy", [String(metrics)]: "metrics" };
    const from = running.stdout.all().length;
    running.signal(signal);
    life[signal] =
      signal.startsWith("SIGT") || signal === "SIGINT"
        ? await watchEnd(running, from, names)
        : await watchChange(running, from, names);
  }
  return life;
}

async function watchEnd(running: RunningProgram, from: number, names: Names): Promise<string[]> {
  const code = await running.exited;
  await running.stdout.wait(() => false, from);
  return [
    `exit code ${code}`,
    ...running.stdout
      .all()
      .slice(from)
      .map((line) => normaliseEvent(line, names)),
  ];
}

/** After SIGUSR1 everything is denied. */
async function watchChange(running: RunningProgram, from: number, names: Names): Promise<string[]> {
  await running.stdout.wait(() => true, from);
  const wire = await dial(running.port);
  wire.write("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n");
  const answer = await readAnswer(wire, "CONNECT");
  wire.stream.destroy();
  const health = await ask(running.port, page("/health"));
  return [
    `CONNECT: ${statusOf(answer)} ${answer?.body.trim() ?? ""}`,
    `/health: ${statusOf(health)} ${normaliseEvent(health?.body ?? "", names)}`,
    ...running.stdout
      .all()
      .slice(from)
      .map((line) => normaliseEvent(line, names)),
  ];
}

function configText(metrics: number): string {
  return JSON.stringify(strict).replace("{metrics}", String(metrics));
}

function page(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
}

function statusOf(answer: HttpAnswer | undefined): string {
  return answer?.status.split(" ")[1] ?? "nothing";
}

function label(stream: string, text: string, names: Names): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => `${stream}: ${normaliseText(line, names)}`);
}
