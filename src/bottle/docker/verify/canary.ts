/** A canary of the command's own: a container that listens where no bottle may be heard, and what it has heard. */
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { BottleError, messageOf } from "../../../core/error.ts";
import { readJsonLines } from "../../../core/json-lines.ts";
import type { Scope } from "../../../core/scope.ts";
import { escapeForTerminal, quote } from "../../../core/text.ts";
import { within } from "../../../core/time/within.ts";
import {
  attachContainer,
  createContainer,
  killAndRemoveContainer,
  startContainer,
} from "../../../engine/containers.ts";
import type { HostConfig } from "../../../engine/containers.ts";
import type { Engine } from "../../../engine/engine.ts";
import { runExec } from "../../../engine/exec.ts";
import { demultiplex } from "../../../engine/frames.ts";
import { parseCanaryEvent } from "../../../protocol/probe-answers.ts";
import type { CanaryEvent } from "../../../protocol/probe-answers.ts";
import type { CanaryRequest, ProbeTask } from "../../../protocol/probe.ts";
import { programCommand, renderCanaryInput, renderProbeInput } from "../../../sidecar/programs.ts";
import { makeHardening } from "../hardening.ts";
import type { Labels } from "../labels.ts";

/** It listens within a second; a machine that swaps gets its time */
const readyMs = 120_000;

export interface Canary {
  readonly port: number;
  /** Its own, other than loopback */
  readonly addresses: readonly string[];
  readonly reports: CanaryReports;
}

export interface CanaryOptions {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  /** `host`, or a network's name */
  readonly network: string;
  readonly request: CanaryRequest;
}

type Listening = Extract<CanaryEvent, { event: "listening" }>;

/** Collects a canary's reports. */
export class CanaryReports {
  readonly #listening = Promise.withResolvers<Listening>();
  readonly #heard: string[] = [];
  #end: BottleError | undefined;

  /** The first report; rejects if there is none in time. */
  awaitListening(): Promise<Listening> {
    return within(readyMs, this.#listening.promise, (seconds) => lost(`is not ready after ${seconds} s`));
  }

  take(event: CanaryEvent): void {
    if (event.event === "listening") this.#listening.resolve(event);
    else this.#heard.push(event.text);
  }

  /** No report can come any more; `state` says why. */
  end(state: string): void {
    this.#end ??= lost(state);
    // Nobody may be waiting
    this.#listening.promise.catch(() => undefined);
    this.#listening.reject(this.#end);
  }

  heard(text: string): boolean {
    return this.#heard.some((one) => one.includes(text));
  }

  /** Throws unless a report could still come: the silence of a canary that has ended means nothing. */
  requireListening(): void {
    if (this.#end) throw this.#end;
  }
}

/** Starts it and knocks at it once, so that its silence later means that nothing came and not that it is deaf. */
export async function startCanary(engine: Engine, options: CanaryOptions, scope: Scope): Promise<Canary> {
  scope.add({ kind: "container", name: options.name }, () => killAndRemoveContainer(engine, options.name));
  await createContainer(engine, options.name, {
    Image: options.image,
    Entrypoint: [],
    Cmd: programCommand,
    User: "0:0",
    WorkingDir: "/",
    Labels: options.labels,
    OpenStdin: true,
    HostConfig: makeCanaryHost(options),
  });
  const stream = await attachContainer(engine, options.name, { stdin: true, stdout: true, stderr: true });
  const reports = new CanaryReports();
  void follow(demultiplex(stream.output), reports);
  await startContainer(engine, options.name);
  await stream.write(renderCanaryInput(options.request));
  const { port, addresses, dns } = await reports.awaitListening();
  // It listens on every address at once; others of the host's may go while they are knocked at
  const places = [{ host: "127.0.0.1", port }];
  const dnsServer = dns ? "127.0.0.1" : undefined;
  await knock(engine, { from: options.name, user: "0:0", places, dnsServer, reports });
  return { port, addresses, reports };
}

function makeCanaryHost(options: CanaryOptions): HostConfig {
  return {
    ...makeHardening({ memoryBytes: 256 * 1024 * 1024, pids: 64, looksUpNames: true }),
    // For port 53 alone
    CapAdd: options.request.dns === undefined ? [] : ["NET_BIND_SERVICE"],
    NetworkMode: options.network,
    ReadonlyRootfs: true,
    LogConfig: { Type: "none", Config: {} },
  };
}

async function follow(frames: Parameters<typeof readJsonLines>[0], reports: CanaryReports): Promise<void> {
  const complaints: string[] = [];
  try {
    for await (const line of readJsonLines(frames)) {
      const event = parseCanaryEvent(line.json);
      if (event) reports.take(event);
      else complaints.push(line.text);
    }
  } catch (error) {
    complaints.push(messageOf(error));
  }
  reports.end(`ended: ${complaints.slice(-3).join(" ")}`);
}

export interface Knock {
  /** Container that knocks */
  readonly from: string;
  readonly user: string;
  readonly places: readonly { readonly host: string; readonly port: number }[];
  /** False for one that has said that it hears no datagrams */
  readonly udp?: boolean;
  /** Also asks a name there */
  readonly dnsServer?: string | undefined;
  readonly reports: CanaryReports;
}

/** Knocks at each place by every way that it listens on. A listener that does not hear the command itself would prove nothing. */
export async function knock(engine: Engine, options: Knock): Promise<void> {
  const { from, user, places, udp = true, dnsServer, reports } = options;
  const kinds = udp ? (["tcp", "udp"] as const) : (["tcp"] as const);
  const tasks: ProbeTask[] = places.flatMap((place, index) =>
    kinds.map((kind) => {
      const name = `knock-${kind}-${index}-${randomBytes(6).toString("hex")}`;
      return { ...place, kind, name, token: name };
    }),
  );
  if (dnsServer !== undefined) {
    const name = `knock-dns-${randomBytes(6).toString("hex")}`;
    tasks.push({ kind: "dns", name, server: dnsServer, host: `${name}.canary.test` });
  }
  await runExec(engine, from, { command: programCommand, user, input: renderProbeInput(tasks) });
  // Its report comes by another stream than the end of the knock
  for (let tries = 0; tries < 20 && !tasks.every((task) => reports.heard(task.name)); tries += 1)
    await setTimeout(50);
  const unheard = tasks.filter((task) => !reports.heard(task.name)).map((task) => task.kind);
  if (unheard.length > 0) throw deaf(from, unheard);
}

function deaf(from: string, kinds: readonly string[]): BottleError {
  return lost(`did not hear its own command knock from ${quote(from)} by ${kinds.join(", ")}`);
}

function lost(state: string): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot verify the bottle: a canary ${escapeForTerminal(state)}`,
    hint: "Nothing can be proved with it; try again, and report this if it stays so.",
  });
}
