/** A canary of the command's own: a container that listens where no bottle may be heard, and what it has heard. */
import type { Scope } from "../../../core/scope.ts";
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
import type { CanaryEvent, CanaryRequest } from "../../../sidecar/probe/protocol.ts";
import { gateCommand, renderCanaryInput } from "../../../sidecar/programs.ts";
import { makeHardening } from "../hardening.ts";
import { readJsonLines } from "../json-lines.ts";
import type { Labels } from "../labels.ts";

export interface Canary {
  readonly port: number;
  /** Its own, other than loopback */
  readonly addresses: readonly string[];
  /** It also takes DNS questions on 127.0.0.1:53 */
  readonly hasDns: boolean;
  /** True if something with this text was heard */
  heard(text: string): boolean;
}

export interface CanaryOptions {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  /** `host`, or a network's name */
  readonly network: string;
  readonly request: CanaryRequest;
}

/** Collects a canary's reports; resolves `listening` with the first. */
export class CanaryReports {
  readonly #listening = Promise.withResolvers<Extract<CanaryEvent, { event: "listening" }>>();
  readonly #heard: string[] = [];

  get listening(): Promise<Extract<CanaryEvent, { event: "listening" }>> {
    return this.#listening.promise;
  }

  take(event: CanaryEvent): void {
    if (event.event === "listening") this.#listening.resolve(event);
    else this.#heard.push(event.text);
  }

  fail(error: Error): void {
    this.#listening.promise.catch(() => undefined);
    this.#listening.reject(error);
  }

  heard(text: string): boolean {
    return this.#heard.some((one) => one.includes(text));
  }
}

/** Starts it and knocks at it once, so that its silence later means that nothing came and not that it is deaf. */
export async function startCanary(engine: Engine, options: CanaryOptions, scope: Scope): Promise<Canary> {
  scope.add(`container ${options.name}`, () => killAndRemoveContainer(engine, options.name));
  await createContainer(engine, options.name, {
    Image: options.image,
    Entrypoint: [],
    Cmd: gateCommand,
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
  const { port, addresses, dns } = await reports.listening;
  await knock(engine, options.name, port, reports);
  return { port, addresses, hasDns: dns, heard: (text) => reports.heard(text) };
}

function makeCanaryHost(options: CanaryOptions): HostConfig {
  return {
    ...makeHardening({ memoryBytes: 256 * 1024 * 1024, pids: 64 }),
    // For port 53 alone
    CapAdd: options.request.dns === undefined ? [] : ["NET_BIND_SERVICE"],
    NetworkMode: options.network,
    ReadonlyRootfs: true,
    LogConfig: { Type: "none", Config: {} },
  };
}

async function follow(frames: Parameters<typeof readJsonLines>[0], reports: CanaryReports): Promise<void> {
  const complaints: string[] = [];
  for await (const line of readJsonLines(frames)) {
    if (line.json) reports.take(line.json as unknown as CanaryEvent);
    else complaints.push(line.text);
  }
  reports.fail(new Error(`the canary ended: ${complaints.slice(-3).join(" ")}`));
}

/** From inside its own container: the listener is what is tried here, not the way to it. */
async function knock(engine: Engine, name: string, port: number, reports: CanaryReports): Promise<void> {
  const text = `knock-${name}`;
  const script = `require("net").connect(${port},"127.0.0.1",function(){this.write(${JSON.stringify(text)})}).on("data",()=>process.exit(0)).on("error",()=>process.exit(1))`;
  await runExec(engine, name, { command: ["node", "-e", script], user: "0:0" });
  if (!reports.heard(text)) throw new Error(`the canary ${name} does not hear`);
}
