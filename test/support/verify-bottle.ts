/** What `verifyBottle` needs, without the command line around it. */
import { PassThrough } from "node:stream";
import type { LaunchOptions } from "../../src/bottle/bottle.ts";
import type { LaunchContext } from "./docker-platform.ts";
import { readInfo } from "../../src/engine/system.ts";
import { Secret } from "../../src/core/secret.ts";
import { endContainerProcesses } from "../../src/host/container-processes.ts";
import { readHostRoutes } from "../../src/host/routes.ts";
import { makeSessionId } from "../../src/session/decide/session-id.ts";
import { quietTerminal } from "./egress-bottle.ts";
import { imageForTests } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";
import { aPlan } from "./manifests.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";

const source = { file: "test.json", scope: "home", line: 1, column: 1 } as const;

/** A plan that grants one host, on the image for tests, with the run's labels. */
export async function launchContextForTests(
  run: TestRun,
  runtime: RuntimeChoice,
): Promise<{ readonly options: LaunchOptions; readonly context: LaunchContext }> {
  const session = makeSessionId();
  const image = await imageForTests(run.engine);
  const plan = aPlan({
    session,
    bottleName: `verify-${session}`,
    egress: {
      filter: "builtin",
      pipelockImage: undefined,
      destinations: [
        {
          host: "granted.example",
          port: 443,
          protocol: "tls",
          isPrivate: false,
          isInspected: false,
          origin: { kind: "manifest", source },
        },
      ],
    },
    env: [],
    ssh: [],
    skills: [],
    workspace: undefined,
    hasTerminal: false,
  });
  const nothing = () => undefined;
  const stream = new PassThrough();
  return {
    options: {
      plan,
      grants: { env: [], token: { kind: "oauth", value: new Secret("test") }, sshKeys: [] },
      files: { skills: [], workspace: undefined, sshPublicKeys: [] },
      terminal: { ...quietTerminal, output: stream, errorOutput: stream },
      progress: { step: nothing, detail: nothing, done: nothing },
      signal: new AbortController().signal,
    },
    context: {
      labels: {
        owner: { bootId: "test", pid: process.pid, startTime: "1" },
        version: "0.0.0-test",
        extra: run.labels,
      },
      image,
      imageId: image,
      filterVersion: "2.3.0",
      sidecarImage: image,
      serviceImages: new Map(),
      runtime: runtime === "runsc" ? "runsc" : undefined,
      securityOptions: (await readInfo(run.engine)).SecurityOptions,
      hostRoutes: await readHostRoutes(),
      endProcesses: endContainerProcesses,
      seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    },
  };
}
