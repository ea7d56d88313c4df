/** A bottle on a real engine for tests of its way out: the agent waits, and commands are run beside it as the agent's user. */
import type { Bottles } from "../../src/bottle/bottles.ts";
import type { RunResult } from "../../src/core/run-command.ts";
import { makeStreamTerminal, silentInput } from "../../src/core/terminal.ts";
import type { SessionTerminal } from "../../src/core/terminal.ts";
import { Readable } from "node:stream";
import type { PassThrough } from "node:stream";
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
import type { BottlePlan } from "../../src/plan/plan.ts";
import { makeTestPlan } from "./egress-plan.ts";
import type { EgressBottleOptions } from "./egress-plan.ts";
import { imageForTests } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";

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
