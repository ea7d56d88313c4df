/** A machine as the doctor meets it: an engine that answers from a table, and the bottles on top of it. */
import type { Bottles } from "../../src/bottle/bottles.ts";
import { makeDiagnosing } from "../../src/bottle/doctor/diagnose.ts";
import { createBottles } from "../../src/bottle/compose/create-bottles.ts";
import type { ProbeVerdict } from "../../src/bottle/bottle.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { givenImage, platformOn } from "./docker-platform.ts";
import { EngineError } from "../../src/engine/engine-error.ts";

/**
 * `GET /info` → the answer, or a function that may throw; the first key that fits the beginning decides, or beginning and end where a star
 * stands between them
 */
export type Answers = Readonly<Record<string, unknown>>;

const info = {
  ID: "fake",
  ServerVersion: "29.5.1",
  KernelVersion: "6.18",
  OperatingSystem: "Debian GNU/Linux 12",
  DefaultRuntime: "runc",
  Runtimes: { runc: {}, runsc: { path: "/usr/bin/runsc" } },
  DockerRootDir: "/var/lib/docker",
};
const version = {
  Version: "29.5.1",
  Components: [
    { Name: "Engine", Version: "29.5.1" },
    { Name: "containerd", Version: "v2.2.0" },
    { Name: "runc", Version: "1.4.0" },
  ],
};

/** A machine on which everything is as it should be. */
const healthy: Answers = {
  "GET /info": info,
  "GET /version": version,
  "GET /networks": [],
  "GET /containers/json": [],
  "GET /volumes": { Volumes: [] },
  "GET /images/": { Id: "sha256:1", Config: { Labels: {} } },
  "POST /containers/create": { Id: "probe", Warnings: [] },
};

export function engineAnswer(difference: Readonly<Record<string, unknown>>): Answers {
  return { "GET /info": { ...info, ...difference } };
}

export interface FakeMachine {
  readonly bottles: Bottles;
  /** `POST /containers/probe/start` */
  readonly requests: readonly string[];
}

/**
 * `differences` go before what a healthy machine answers; `connect` stands in for the way to the engine, `verdicts` for what a bottle that
 * was really started would have shown.
 */
export function aMachine(
  differences: Answers = {},
  options: { readonly connect?: () => Promise<Engine>; readonly verdicts?: readonly ProbeVerdict[] } = {},
): FakeMachine {
  const requests: string[] = [];
  const answer = (method: string, path: string) => {
    const request = `${method} ${path}`;
    requests.push(request);
    const all = { ...differences, ...healthy, ...differences };
    const key = Object.keys(all).find((one) => {
      const [beginning = "", end = ""] = one.split("*");
      return request.startsWith(beginning) && request.endsWith(end);
    });
    const found = key === undefined ? undefined : all[key];
    return typeof found === "function" ? (found as () => unknown)() : found;
  };
  const engine: Engine = {
    endpoint: { kind: "unix", socketPath: "/fake", shown: "unix:///fake", origin: "test" },
    apiVersion: "1.51",
    builderVersion: "2",
    product: "docker",
    supports: () => true,
    json: async <T>(method: string, path: string) => answer(method, path) as T,
    send: async (method, path) => void answer(method, path),
    open: async (method, path) => {
      answer(method, path);
      return new Response('{"StatusCode":0}');
    },
    hijack: () => Promise.reject(new Error("the fake has no streams")),
  };
  const { verdicts } = options;
  const platform = platformOn(engine, {
    ...(options.connect && { connect: options.connect }),
    isAlive: () => Promise.resolve(false),
  });
  const settings = { ...givenImage("agent:1"), baseImage: "base:1", claudeVersion: "1.0.0" };
  const bottles = createBottles(platform, settings);
  if (verdicts === undefined) return { bottles, requests };
  const diagnosing = makeDiagnosing(platform, settings, () => Promise.resolve(verdicts));
  return { bottles: { ...bottles, ...diagnosing }, requests };
}

/** As the engine refuses. */
export function refuses(state: string, status = 500): () => never {
  return () => {
    throw new EngineError({ action: "do it", state, status });
  };
}
