/** Containers by the Engine API's own names: create, start, attach, wait, remove, and what goes in and comes out. */
import type { ByteStream } from "../core/byte-stream.ts";
import { awaitRemoval } from "./await-removal.ts";
import { EngineError, isConflict, isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { readBody, readText } from "./response-body.ts";

/** The part of HostConfig that we set */
export interface HostConfig {
  readonly NetworkMode?: string;
  readonly Runtime?: string;
  readonly CapDrop?: readonly string[];
  readonly CapAdd?: readonly string[];
  readonly SecurityOpt?: readonly string[];
  readonly ReadonlyRootfs?: boolean;
  readonly Init?: boolean;
  readonly PidsLimit?: number;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly NanoCpus?: number;
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly Mounts?: readonly Readonly<Record<string, unknown>>[];
  readonly IpcMode?: string;
  readonly CgroupnsMode?: string;
  readonly OomScoreAdj?: number;
  readonly RestartPolicy?: { readonly Name: string };
  readonly AutoRemove?: boolean;
  readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly Dns?: readonly string[];
  readonly DnsOptions?: readonly string[];
  readonly DnsSearch?: readonly string[];
  readonly ExtraHosts?: readonly string[];
  readonly Sysctls?: Readonly<Record<string, string>>;
}

export interface ContainerConfig {
  readonly Image: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  /** Names and values that anybody on the machine may read; never a secret */
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Hostname?: string;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly HostConfig: HostConfig;
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<
      Record<
        string,
        { readonly IPAMConfig?: { readonly IPv4Address: string }; readonly Aliases?: readonly string[] }
      >
    >;
  };
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  /** Seconds since 1970 */
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ContainerState {
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly Paused: boolean;
}

/** The engine answers at once and then for as long as a container runs */
const headTimeoutMs = 60_000;

/** POST /containers/create */
export async function createContainer(
  engine: Engine,
  name: string,
  config: ContainerConfig,
): Promise<{ readonly id: string }> {
  const answer = await engine.json<{ Id: string }>("POST", "/containers/create", {
    action: `create container "${name}"`,
    query: { name },
    body: config,
    timeoutMs: queuedTimeoutMs,
  });
  return { id: answer.Id };
}

/** Resolves once its first process runs. */
export async function startContainer(engine: Engine, id: string): Promise<void> {
  await engine.send("POST", `/containers/${id}/start`, {
    action: `start container "${id}"`,
    timeoutMs: queuedTimeoutMs,
  });
}

/** POST /containers/{id}/stop, by default without grace; one that has ended is fine. Resolves when it has. */
export async function stopContainer(engine: Engine, id: string, graceSeconds = 0): Promise<void> {
  try {
    await engine.send("POST", `/containers/${id}/stop`, {
      action: `stop container "${id}"`,
      query: { t: graceSeconds },
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    // 304 is the engine's word for "it was not running"
    if (!(error instanceof EngineError) || error.status !== 304) throw error;
  }
}

/**
 * Kills and removes with anonymous volumes; one that is gone is fine. One that somebody else removes at this moment is waited for, since
 * its networks and volumes cannot go before it.
 */
export async function killAndRemoveContainer(engine: Engine, id: string): Promise<void> {
  try {
    await engine.send("DELETE", `/containers/${id}`, {
      action: `remove container "${id}"`,
      query: { force: true, v: true },
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    if (isNotFound(error)) return;
    const isGoing =
      isConflict(error) && error instanceof EngineError && error.state.includes("already in progress");
    if (!isGoing) throw error;
    await awaitRemoval(engine, id);
  }
}

/** GET /containers/{id}/json; the caller names the part it reads. */
export function inspectContainer<T>(engine: Engine, id: string): Promise<T> {
  return engine.json<T>("GET", `/containers/${id}/json`, { action: `look at container "${id}"` });
}

/** Whether it runs, and with which code and why it ended. */
export async function inspectState(engine: Engine, id: string): Promise<ContainerState> {
  return (await inspectContainer<{ State: ContainerState }>(engine, id)).State;
}

/**
 * Begins to wait for the next exit and returns once the engine has taken note, so that a start that follows cannot be missed.
 * `exit` rejects if the engine goes away.
 */
export async function openWait(engine: Engine, id: string): Promise<{ readonly exit: Promise<number> }> {
  const action = `wait for container "${id}"`;
  const response = await engine.open("POST", `/containers/${id}/wait`, {
    action,
    query: { condition: "next-exit" },
    headTimeoutMs,
  });
  const exit = readText(response, { action }).then((text) => parseExit(text, action));
  // Whoever gives up before the exit must not turn a lost engine into an unhandled rejection
  exit.catch(() => undefined);
  return { exit };
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The default withholds a lone Ctrl-P until the next key */
  readonly detachKeys?: string;
}

/** POST /containers/{id}/attach; raw with a terminal, multiplexed frames without. */
export function attachContainer(engine: Engine, id: string, options: AttachOptions): Promise<ByteStream> {
  return engine.hijack(`/containers/${id}/attach`, {
    action: `attach to container "${id}"`,
    query: {
      stream: true,
      stdin: options.stdin,
      stdout: options.stdout,
      stderr: options.stderr,
      detachKeys: options.detachKeys,
    },
  });
}

/** Tells its terminal; `columns` and `rows` are in characters. */
export async function resizeContainer(
  engine: Engine,
  id: string,
  columns: number,
  rows: number,
): Promise<void> {
  await engine.send("POST", `/containers/${id}/resize`, {
    action: `resize the terminal of "${id}"`,
    query: { w: columns, h: rows },
  });
}

/** GET /containers/json for all containers that carry each of the labels (`key` or `key=value`). */
export function listContainers(engine: Engine, labels: readonly string[]): Promise<ContainerSummary[]> {
  return engine.json("GET", "/containers/json", {
    action: "list containers",
    query: { all: true, filters: JSON.stringify({ label: labels }) },
  });
}

/** GET /containers/{id}/logs as raw bytes; multiplexed frames without a terminal. */
export async function* readLogs(
  engine: Engine,
  id: string,
  options: {
    readonly follow: boolean;
    /** So many lines from before; all by default */
    readonly tail?: number;
    /** Each line begins with its time and a space */
    readonly timestamps?: boolean;
    readonly signal?: AbortSignal;
  },
): AsyncGenerator<Uint8Array> {
  const action = `read the log of "${id}"`;
  const { follow, tail, timestamps, signal } = options;
  const response = await engine.open("GET", `/containers/${id}/logs`, {
    action,
    query: { stdout: true, stderr: true, follow, tail, timestamps },
    headTimeoutMs,
    signal,
  });
  yield* readBody(response, { action, signal });
}

/** `{"StatusCode":0}`; nothing at all is what a dying engine leaves. */
function parseExit(text: string, action: string): number {
  const code = /"StatusCode":\s*(\d+)/.exec(text)?.[1];
  if (code === undefined) {
    throw new EngineError({ action, state: "the connection to the engine was lost", isTransport: true });
  }
  return Number(code);
}
