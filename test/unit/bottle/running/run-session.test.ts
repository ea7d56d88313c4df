/** What a session's end is told as, by how it came. */
import { makePart } from "../../../../src/bottle/docker/part.ts";
import type { SessionTerminal } from "../../../../src/core/terminal.ts";
import { afterEach, describe, expect, jest, test } from "bun:test";
import { PassThrough } from "node:stream";
import { runSession } from "../../../../src/bottle/running/run-session.ts";
import type { SessionParts } from "../../../../src/bottle/running/run-session.ts";
import { Secret } from "../../../../src/core/secret.ts";
import type { Engine } from "../../../../src/engine/engine.ts";
import type { BottlePlan } from "../../../../src/plan/plan.ts";
import { aPlan } from "../../../support/manifests.ts";

afterEach(() => void jest.useRealTimers());

interface World {
  readonly plan?: Partial<BottlePlan>;
  readonly exit?: Promise<number>;
  readonly state?: { readonly Running?: boolean; readonly OOMKilled?: boolean } | "gone";
  readonly guard?: {
    readonly verdict?: string;
    readonly isOutOfMemory?: boolean;
    readonly incidents?: string[];
  };
  readonly isTokenRefused?: boolean;
  /** What the stream does when the environment is handed over */
  readonly write?: () => Promise<void>;
}

/** A session whose claude says nothing and ends. `acts` is what was done, in order. */
function world({ plan, exit, state = {}, guard = {}, isTokenRefused = false, write }: World = {}) {
  const acts: string[] = [];
  const told: string[] = [];
  const engine = {
    json: () => {
      acts.push("inspect");
      return state === "gone"
        ? Promise.reject(new Error("no such container"))
        : Promise.resolve({ Config: { Tty: false }, State: state });
    },
    send: (_method: string, _path: string, { query }: { query: { w: number; h: number } }) => {
      acts.push(`size ${query.w}x${query.h}`);
      return Promise.reject(new Error("it has no terminal yet"));
    },
  } as unknown as Engine;
  const stream = {
    write: (bytes: Uint8Array) => {
      acts.push(`write ${Buffer.from(bytes).toString().split("\n")[1]}`);
      return write?.() ?? Promise.resolve();
    },
    destroy: () => void acts.push("destroy"),
  };
  const parts = {
    plan: aPlan({ hasTerminal: false, ...plan }),
    agent: {
      part: makePart(engine, "a", { role: "agent", isRunning: true }),
      exit: exit ?? Promise.resolve(0),
      waiting: { stream, forward: async () => void acts.push("forward") },
    },
    sidecar: {
      refused: () => [{ host: "r.test", port: 1, count: 1 }],
      secrets: () => [{ name: "A" }],
      isTokenRefused: () => isTokenRefused,
      settled: async () => void acts.push("settled"),
    },
    guard: {
      incidents: () => guard.incidents ?? [],
      verdict: () => guard.verdict,
      onIncident: (listener: (line: string) => void) => void guard.incidents?.forEach(listener),
      isAgentOutOfMemory: () => guard.isOutOfMemory ?? false,
    },
    environment: [{ name: "A", value: new Secret("v") }],
    onOutputEnd: () => void acts.push("output ended"),
  } as unknown as SessionParts;
  const terminal = {
    isTerminal: true,
    size: () => ({ columns: 80, rows: 24 }),
    enterRaw: () => void acts.push("raw"),
    onResize: () => () => void acts.push("sizes no more"),
    input: { read: () => () => void acts.push("input no more") },
    output: new PassThrough(),
    errorOutput: { write: (text: string) => told.push(text) },
  } as unknown as SessionTerminal;
  return {
    acts,
    errorText: () => told.join(""),
    end: () => runSession(parts, terminal),
  };
}

const end = async (what: World) => {
  const { exitCode, note, isEngineLost } = await world(what).end();
  return [exitCode, note, isEngineLost];
};

test("a session has claude's exit code, and what the sidecar has seen once the gate has told all", async () => {
  const { end: run, acts } = world({ exit: Promise.resolve(3) });
  expect(await run()).toMatchObject({
    exitCode: 3,
    note: undefined,
    isEngineLost: false,
    refused: [{ host: "r.test" }],
    secrets: [{ name: "A" }],
    incidents: [],
  });
  expect(acts).toEqual([
    "write export A='v'",
    "forward",
    "input no more",
    "destroy",
    "output ended",
    "settled",
  ]);
});

test("on a terminal the size is set before claude begins, and everything is let go of at the end", async () => {
  const { end: run, acts } = world({ plan: { hasTerminal: true } });
  await run();
  expect(acts).toEqual([
    "size 80x24",
    "raw",
    "write export A='v'",
    "forward",
    "input no more",
    "sizes no more",
    "destroy",
    "output ended",
    "settled",
  ]);
});

test("a claude that cannot be handed its environment is let go of, and the error is told", async () => {
  const { end: run, acts } = world({ write: () => Promise.reject(new Error("the stream is closed")) });
  expect(await run().catch((error: Error) => error.message)).toBe("the stream is closed");
  expect(acts.slice(-2)).toEqual(["destroy", "output ended"]);
});

describe("memory", () => {
  const plan = { limits: { memoryBytes: 1024 ** 3, cpus: undefined, pids: 1 } };
  const words = "was ended by the memory limit of 1.0 GiB; raise limits.memory in the manifest";
  const killed = Promise.resolve(137);

  test.each<[string, World, string | undefined]>([
    ["claude, as the engine says", { exit: killed, state: { OOMKilled: true } }, `Claude ${words}`],
    ["claude, as events said", { exit: killed, guard: { isOutOfMemory: true } }, `Claude ${words}`],
    [
      "claude, in a container that is gone",
      { exit: killed, state: "gone", guard: { isOutOfMemory: true } },
      `Claude ${words}`,
    ],
    [
      "a program beside a claude that went on",
      { guard: { isOutOfMemory: true } },
      `A program in the bottle ${words}`,
    ],
    ["nobody, by a kill", { exit: killed, state: { OOMKilled: false } }, undefined],
    ["nobody, by a kill, with the container gone", { exit: killed, state: "gone" }, undefined],
    // The engine says so of the container's whole life
    [
      "nobody, where claude ended by itself",
      { exit: Promise.resolve(1), state: { OOMKilled: true } },
      undefined,
    ],
  ])("ended %s", async (_name, what, note) => {
    expect((await end({ plan, ...what }))[1]).toBe(note);
  });
});

describe("a credential that the API refuses", () => {
  const noteOf = async (token: BottlePlan["token"]) =>
    (await end({ isTokenRefused: true, plan: { token } }))[1];

  test("is told with what mends it", async () => {
    expect(await noteOf({ kind: "oauth", variable: "T" })).toBe(
      'The API refused the credential in T (401); renew it with "claude setup-token" and set T to what it prints',
    );
    expect(await noteOf({ kind: "api-key", variable: "K" })).toBe(
      "The API refused the credential in K (401); set K to a valid key",
    );
  });

  test("is no news where claude was ended by something else", async () => {
    const [, note] = await end({ isTokenRefused: true, guard: { isOutOfMemory: true } });
    expect(note).toContain("memory limit");
  });
});

describe("a sidecar's failure", () => {
  const incidents = ["gate ended\u001b[2J", "pipelock ended"];

  test("is told at once where no screen is torn by it, and else at the end", async () => {
    const piped = world({ guard: { incidents } });
    expect((await piped.end()).incidents).toEqual([]);
    expect(piped.errorText()).toBe("gate ended\\x1b[2J\npipelock ended\n");
    const shown = world({ guard: { incidents }, plan: { hasTerminal: true } });
    expect((await shown.end()).incidents).toEqual(incidents);
    expect(shown.errorText()).toBe("");
  });

  test("that ended the session is its result, whatever claude's code was", async () => {
    expect(await end({ exit: Promise.resolve(137), guard: { verdict: "no way out" } })).toEqual([
      1,
      "no way out",
      false,
    ]);
  });
});

describe("an end without claude's", () => {
  test("is the engine's, and nobody waits for a gate then", async () => {
    const { end: run, acts } = world({
      exit: Promise.reject(new Error("the socket is gone")),
      guard: { verdict: "no way out" },
    });
    expect(await run()).toMatchObject({
      exitCode: 125,
      note: "The engine was lost during the session: the socket is gone",
      isEngineLost: true,
    });
    expect(acts).not.toContain("settled");
  });

  test.each([
    [true, "The connection to claude was cut while it was running"],
    [false, "Claude ended, and the engine did not say how"],
  ])("is a cut after thirty seconds, with claude running: %p", async (Running, note) => {
    jest.useFakeTimers();
    let ended: unknown;
    const result = end({ exit: new Promise(() => {}), state: { Running } }).then((one) => (ended = one));
    const turn = async () => {
      for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    };
    await turn();
    jest.advanceTimersByTime(29_999);
    await turn();
    expect(ended).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(await result).toEqual([1, note, false]);
  });
});
