/** A bottle on a real engine for tests of its way out: the agent waits, and commands are run beside it as the agent's user. */
import type { Bottles } from "../../src/bottle/bottles.ts";
import type { RunResult } from "../../src/core/run-command.ts";
import { makeStreamTerminal, silentInput } from "../../src/core/terminal.ts";
import type { SessionTerminal } from "../../src/core/terminal.ts";
import { Readable } from "node:stream";
import type { PassThrough } from "node:stream";
import { parseHostPort } from "../../src/core/host-port.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Bottle, EnvValueGrant } from "../../src/bottle/bottle.ts";
import { createBottles } from "../../src/bottle/compose/create-bottles.ts";
import { addPlaceholders } from "../../src/session/decide/bound-grants.ts";
import { givenImage, platformOn } from "./docker-platform.ts";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { createContainer, listContainers, startContainer } from "../../src/engine/containers.ts";
import type { ContainerConfig } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { makeInput } from "../../src/host/session-input.ts";
import type { BottleEntry, InspectGrant } from "../../src/manifest/manifest.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { ProxyPlan } from "../../src/plan/egress-plan.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { aBottle } from "./manifests.ts";
import { imageForTests } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";

export interface EgressBottleOptions {
  readonly allowlist?: readonly string[];
  readonly private?: readonly string[];
  /** Names alone are for the gate to look at */
  readonly inspect?: readonly (string | Omit<InspectGrant, "source">)[];
  readonly http?: readonly string[];
  readonly tcp?: readonly string[];
  readonly ssh?: readonly SshGrant[];
  /** As a manifest has them */
  readonly services?: Readonly<Record<string, unknown>>;
  /** Tells kept data of one test from that of another */
  readonly dataKey?: string;
  /** Secrets that are bound to hosts */
  readonly secrets?: readonly BoundSecret[];
  /** Image of pipelock or its stand-in; without one the gate works alone */
  readonly pipelockImage?: string;
  /** All hosts but `direct` are reached through it */
  readonly proxy?: {
    readonly address: string;
    readonly direct: readonly string[];
    readonly authorization?: string;
  };
  /** `runsc` for gVisor; the engine's default otherwise */
  readonly runtime?: RuntimeChoice;
  /** Instead of the image for tests */
  readonly image?: string;
  /** Below what the manifest adds to it */
  readonly sidecarImage?: string;
  readonly terminal?: SessionTerminal;
}

export interface SshGrant {
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly passphrase?: string;
}

export interface BoundSecret {
  readonly name: string;
  readonly value: string;
  /** None for a value that the bottle holds */
  readonly hosts: readonly string[];
}

export interface EgressBottle {
  readonly bottle: Bottle;
  readonly bottles: Bottles;
  readonly plan: BottlePlan;
  /** Runs a command in the agent's container as the agent's user */
  run(command: readonly string[], input?: string): Promise<RunResult>;
  /** Id of the container with this role */
  container(role: "agent" | "gate" | "pipelock"): Promise<string>;
  /** Puts a server into the bottle's egress network under a name that the sidecar can resolve */
  addServer(name: string, config: Partial<ContainerConfig>): Promise<string>;
}

const source = { file: "test.json", scope: "home", line: 1, column: 1 } as const;
const mebibyte = 1024 * 1024;

/** Launches it. Everything carries the run's labels and goes with it. */
export async function launchEgressBottle(run: TestRun, options: EgressBottleOptions): Promise<EgressBottle> {
  const { engine } = run;
  const image = options.image ?? (await imageForTests(engine));
  const bottles = makeBottles(run, image);
  const plan = makeTestPlan(image, options);
  const bottle = await bottles.launch({
    plan,
    grants: {
      env: makeEnvGrants(plan, options),
      token: { kind: "oauth", value: new Secret("test") },
      sshKeys: (options.ssh ?? []).map((one) => new Secret(one.privateKey)),
      sshPassphrases: (options.ssh ?? []).map(({ passphrase: text }) =>
        text === undefined ? undefined : new Secret(text),
      ),
      ...(options.proxy?.authorization !== undefined && {
        proxyAuthorization: new Secret(options.proxy.authorization),
      }),
    },
    files: {
      skills: [],
      workspace: undefined,
      sshPublicKeys: (options.ssh ?? []).map((one) => one.publicKey),
    },
    terminal: options.terminal ?? quietTerminal,
    progress: { step: ignore, detail: ignore, done: ignore },
    signal: new AbortController().signal,
  });
  const stem = `claude-bottle-${plan.bottleName}`;
  return {
    bottle,
    bottles,
    plan,
    run: (command, input) => runExec(engine, stem, { command, ...(input === undefined ? {} : { input }) }),
    container: (role) => findRole(engine, plan.session, role),
    async addServer(name, config) {
      const network = `${stem}-egress`;
      const { HostConfig, ...rest } = config;
      const { id } = await createContainer(engine, run.name(`${plan.session}-${name.split(".")[0]}`), {
        Image: await imageForTests(engine),
        Labels: run.labels,
        Entrypoint: [],
        HostConfig: { NetworkMode: network, Init: true, ...HostConfig },
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [name] } } },
        ...rest,
      });
      await startContainer(engine, id);
      return id;
    },
  };
}

/** What another process of the same user would have. */
export function makeBottles(run: TestRun, image: string): Bottles {
  const platform = platformOn(run.engine, {
    labels: {
      owner: { bootId: "test", pid: process.pid, startTime: "1" },
      version: "test",
      extra: run.labels,
    },
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  });
  return createBottles(platform, givenImage(image));
}

function makeEnvGrants(plan: BottlePlan, { secrets = [] }: EgressBottleOptions): EnvValueGrant[] {
  const values = secrets.map(({ name, value }) => ({ name, value: new Secret(value) }));
  return addPlaceholders(plan.env, values);
}

function makeTestPlan(image: string, options: EgressBottleOptions): BottlePlan {
  const grants = (hosts: readonly string[] = []) => hosts.map((text) => ({ ...readPair(text), source }));
  const entries = (options.ssh ?? []).map(({ host, hostname, port, hostKey }) => ({
    host,
    hostname,
    port,
    hostKey,
    user: "git",
    source,
  }));
  const bottle: BottleEntry = {
    name: "egress",
    env: (options.secrets ?? []).map(({ name, hosts }) => ({
      name,
      ...(hosts.length > 0 ? { hosts } : {}),
      value: { kind: "variable", variable: name },
      source,
    })),
    ssh: entries.map((one) => ({ ...one, identityFile: "/nowhere/key" })),
    egress: {
      allowlist: grants(options.allowlist),
      private: grants(options.private),
      inspect: (options.inspect ?? []).map((one) =>
        typeof one === "string" ? { host: one, source } : { ...one, source },
      ),
      http: grants(options.http),
      tcp: grants(options.tcp),
    },
    ...(options.services && { services: aBottle({ services: options.services }).services }),
    auth: "gate",
    limits: { memoryBytes: 512 * mebibyte, cpus: undefined, pids: 256 },
    dockerfile: undefined,
    source,
  };
  return makePlan({
    session: crypto.randomUUID().slice(0, 6),
    agent: { name: "probe", bottle: "egress", skills: [], prompt: "", source },
    bottle,
    image: {
      reference: image,
      ...(options.sidecarImage !== undefined && { sidecarReference: options.sidecarImage }),
      state: "given",
      baseImage: image,
      claudeVersion: "0",
      dockerfile: undefined,
    },
    runtime: {
      name: options.runtime === "runsc" ? "runsc" : undefined,
      label: options.runtime ?? "default",
      reason: "",
      state: "ready",
    },
    skills: [],
    services: { images: new Map(), dataKey: options.dataKey ?? "" },
    ssh: entries.map((one) => ({ ...one, identityFile: "", fingerprint: "", hostKeyFingerprint: "" })),
    workspace: undefined,
    filter: options.pipelockImage === undefined ? "builtin" : "pipelock",
    pipelockImage: options.pipelockImage ?? "",
    proxy: options.proxy && makeProxyPlan(options.proxy),
    claudeArguments: [],
    hasTerminal: false,
    token: { kind: "oauth", variable: "CLAUDE_BOTTLE_OAUTH_TOKEN" },
    hasVariable: () => true,
  });
}

function makeProxyPlan({
  address,
  direct,
  authorization,
}: NonNullable<EgressBottleOptions["proxy"]>): ProxyPlan {
  const [host = "", port] = address.split(":");
  const hasCredentials = authorization !== undefined;
  return {
    host,
    port: Number(port),
    hasCredentials,
    variable: "HTTPS_PROXY",
    direct: [...direct, host],
    nameservers: [],
  };
}

function readPair(text: string): { readonly host: string; readonly port?: number | undefined } {
  const parsed = parseHostPort(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return { host: parsed.host, port: parsed.port };
}

async function findRole(engine: Engine, session: string, role: string): Promise<string> {
  const labels = [`${labelKeys.session}=${session}`, `${labelKeys.role}=${role}`];
  const [found] = await listContainers(engine, labels);
  if (!found) throw new Error(`There is no ${role}`);
  return found.Id;
}

function ignore(): void {
  // Nobody looks at the progress of a test
}

/** What a test writes, as a terminal's input. */
export function readFrom(input: PassThrough): SessionTerminal["input"] {
  return makeInput(() => Readable.toWeb(input) as unknown as ReadableStream<Uint8Array>);
}

export const quietTerminal = makeStreamTerminal({
  input: silentInput,
  output: process.stdout,
  errorOutput: process.stderr,
});
