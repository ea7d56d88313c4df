/** Runs the whole catalogue against a program and gives what it answered. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { configurations } from "./catalogue/configurations.ts";
import type { Exchange, Group } from "./catalogue/exchange.ts";
import { openedTls } from "./catalogue/opened-tls.ts";
import { ownPages } from "./catalogue/own-pages.ts";
import { plainHttp } from "./catalogue/plain-http.ts";
import { reloads } from "./catalogue/reloads.ts";
import type { Reload } from "./catalogue/reloads.ts";
import { tunnels } from "./catalogue/tunnels.ts";
import type { Contract, ExchangeAnswer } from "./contract.ts";
import { makeExchange } from "./exchange.ts";
import { recordLife } from "./life.ts";
import { awaitLog, markLog } from "./log-mark.ts";
import { normaliseEvent, normaliseText } from "./normalise.ts";
import type { Names } from "./normalise.ts";
import { findPort, runProgram, startProgram } from "./program.ts";
import type { Program, RunningProgram } from "./program.ts";
import { makeFolder } from "./recording-folder.ts";
import type { RecordingFolder } from "./recording-folder.ts";
import { startServers } from "./servers.ts";

/** Nothing listens there while a configuration is only looked at */
const exampleMetrics = 9091;

const groups: readonly Group[] = [...tunnels, ...plainHttp, ...openedTls, ...ownPages];

/** Records it. `image` is described by whoever has it; only groups of exchanges that are wanted are made. */
export async function recordContract(
  command: readonly string[],
  image: Contract["image"],
  isWanted: (group: string) => boolean = () => true,
): Promise<Contract> {
  await using folder = await makeFolder();
  const program: Program = {
    command,
    environment: { SSL_CERT_FILE: folder.serverAuthority, PATH: process.env["PATH"] ?? "" },
  };
  const { stderr } = await runProgram(program, ["version"], folder.path);
  const parts = await Promise.all([
    recordConfigurations(program, folder),
    recordExchanges(
      program,
      folder,
      groups.filter(({ name }) => isWanted(name)),
    ),
    recordReloads(program, folder),
    recordLife(program, folder),
  ]);
  const [checked, exchanges, changed, life] = parts;
  const version = /version (\S+)/.exec(stderr)?.[1] ?? "unknown";
  return { version, image, configurations: checked, exchanges, reloads: changed, life };
}

async function recordConfigurations(
  program: Program,
  folder: RecordingFolder,
): Promise<Contract["configurations"]> {
  const entries = await Promise.all(
    Object.entries(configurations).map(async ([name, text], index) => {
      const path = join(folder.path, `checked-${index}.yaml`);
      await Bun.write(path, render(text, folder, exampleMetrics));
      const { exitCode, stdout, stderr } = await runProgram(
        program,
        ["check", "--config", path],
        folder.path,
      );
      const lines = (some: string) =>
        splitLines(some).map((line) => normaliseText(line, { [path]: "config", [folder.path]: "folder" }));
      return [name, { exitCode, stdout: lines(stdout), stderr: lines(stderr) }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function recordExchanges(
  program: Program,
  folder: RecordingFolder,
  wanted: readonly Group[],
): Promise<Contract["exchanges"]> {
  const answers = await Promise.all(wanted.map((group, index) => recordGroup(program, folder, group, index)));
  return Object.fromEntries(wanted.map(({ name }, index) => [name, answers[index] ?? {}]));
}

/** One exchange at a time: what comes to the servers, which are the group's own, is known by when it came. */
async function recordGroup(program: Program, folder: RecordingFolder, group: Group, index: number) {
  const home = join(folder.path, `group-${index}`);
  await mkdir(home);
  const servers = await startServers(folder.server);
  const { web, secure, echo, closed } = servers;
  const ports = { web, secure, echo, closed };
  const metrics = await findPort();
  await using running = await startProgram(
    program,
    home,
    render(JSON.stringify(group.config), folder, metrics),
  );
  const names: Names = {
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [String(port), name])),
    [String(running.port)]: "proxy",
    [String(metrics)]: "metrics",
    [folder.path]: "folder",
  };
  const answers: Record<string, ExchangeAnswer> = {};
  for (const exchange of group.exchanges) {
    const from = running.stdout.all().length;

    const said = await makeExchange(exchange, { port: running.port, ports, names });
    const log = await readLog(running, exchange, from, names);
    const upstream = servers.takeRequests().map((one) => normaliseText(one, names));
    answers[exchange.name] = { ...said, upstream, log };
  }
  servers.end();
  return answers;
}

async function readLog(
  running: RunningProgram,
  exchange: Exchange,
  from: number,
  names: Names,
): Promise<string[]> {
  const isOpened = exchange.tls !== undefined;
  const lines = await markLog(running, from, isOpened);
  return lines.map((line) => {
    const event = normaliseEvent(line, names);
    // A handshake is some bytes longer or shorter, and the first bytes of a tunnel are not counted
    return isOpened || exchange.name === "many bytes" ? event.replace(/(?<="total_bytes":)\d+/, "0") : event;
  });
}

async function recordReloads(program: Program, folder: RecordingFolder): Promise<Contract["reloads"]> {
  const answers = await Promise.all(
    reloads.map((reload, index) => recordReload(program, folder, reload, index)),
  );
  return Object.fromEntries(
    reloads.map(({ name }, index) => [name, answers[index] ?? { log: [], stderr: [] }]),
  );
}

async function recordReload(program: Program, folder: RecordingFolder, { from, to }: Reload, index: number) {
  const home = join(folder.path, `reload-${index}`);
  await mkdir(home);
  const metrics = await findPort();
  await using running = await startProgram(program, home, render(JSON.stringify(from), folder, metrics));
  const [events, complaints] = [running.stdout.all().length, running.stderr.all().length];
  const text = render(typeof to === "string" ? to : JSON.stringify(to), folder, metrics);
  await Bun.write(running.configPath, text);
  await awaitLog(running, events, complaints);
  const names: Names = {
    [running.configPath]: "config",
    [folder.path]: "folder",
    [String(metrics)]: "metrics",
  };
  return {
    log: unique(
      running.stdout
        .all()
        .slice(events)
        .map((line) => normaliseEvent(line, names)),
    ),
    stderr: unique(
      running.stderr
        .all()
        .slice(complaints)
        .map((line) => normaliseText(line, names)),
    ),
  };
}

function render(text: string, folder: RecordingFolder, metrics: number): string {
  return text.replaceAll("{folder}", folder.path).replaceAll("{metrics}", String(metrics));
}

function splitLines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** A write may be seen once or twice. */
function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
