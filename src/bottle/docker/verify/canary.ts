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
import type { CanaryRequest } from "../../../protocol/probe.ts";
import { programCommand, renderCanaryInput } from "../../../sidecar/programs.ts";
import { CanaryReports, followCanary } from "../../verify/canary-reports.ts";
import { knock } from "../../verify/knock.ts";
import type { Knock } from "../../verify/knock.ts";
import { undoObject } from "../undo-object.ts";
import { makeHardening } from "../hardening.ts";
import type { Labels } from "../labels.ts";

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

/** Starts it and knocks at it once, so that its silence later means that nothing came and not that it is deaf. */
export async function startCanary(engine: Engine, options: CanaryOptions, scope: Scope): Promise<Canary> {
  scope.add(undoObject("container", options.name), () => killAndRemoveContainer(engine, options.name));
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
  void followCanary(demultiplex(stream.output), reports);
  await startContainer(engine, options.name);
  await stream.write(renderCanaryInput(options.request));
  const { port, addresses, dns } = await reports.awaitListening();
  // It listens on every address at once; others of the host's may go while they are knocked at
  const places = [{ host: "127.0.0.1", port }];
  const dnsServer = dns ? "127.0.0.1" : undefined;
  await knock({ from: knockerOf(engine, options.name), user: "0:0", places, dnsServer, reports });
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

/** A container that knocks, by its name. */
export function knockerOf(engine: Engine, name: string): Knock["from"] {
  return { name, run: (options) => runExec(engine, name, options) };
}
