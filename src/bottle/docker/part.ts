/** A part of a bottle as a container. */
import { readContainerFile } from "../../engine/container-file.ts";
import {
  attachContainer,
  inspectContainer,
  killAndRemoveContainer,
  openWait,
  readLogs,
  resizeContainer,
  startContainer,
  stopContainer,
} from "../../engine/containers.ts";
import type { ContainerState } from "../../engine/containers.ts";
import { untypedDetachKeys } from "../../engine/detach-keys.ts";
import { EngineError, isNotFound } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { openExecSession } from "../../engine/exec-session.ts";
import { runExec } from "../../engine/exec.ts";
import { demultiplex } from "../../engine/frames.ts";
import { pauseContainer, unpauseContainer } from "../../engine/pause-container.ts";
import { makeProgramStream } from "../../engine/program-stream.ts";
import { putArchive } from "../../engine/put-archive.ts";
import type { OpenCommand, OpenOptions, Part, PartState } from "../platform/part.ts";
import { readMemory } from "./container-memory.ts";
import { endWithContainer } from "./end-with-container.ts";

/** `container` is its id or its name. */
export function makePart(
  engine: Engine,
  container: string,
  known: Pick<Part, "role" | "isRunning" | "hasBash">,
): Part {
  return { ...known, ...makeProgram(engine, container) };
}

/** The same of a container that is no part of a bottle. */
export function makeProgram(engine: Engine, container: string): Omit<Part, "role" | "isRunning" | "hasBash"> {
  return {
    state: () => readState(engine, container),
    openWait: () => openWait(engine, container),
    async attach({ hasTerminal }) {
      const all = { stdin: true, stdout: true, stderr: true, detachKeys: untypedDetachKeys };
      return makeProgramStream(await attachContainer(engine, container, all), hasTerminal);
    },
    resize: (columns, rows) => resizeContainer(engine, container, columns, rows),
    readLogs: ({ isFollowing: follow, tail, hasTimes: timestamps, signal }) =>
      demultiplex(
        readLogs(engine, container, {
          follow,
          ...(tail === undefined ? {} : { tail }),
          ...(timestamps === undefined ? {} : { timestamps }),
          ...(signal === undefined ? {} : { signal }),
        }),
      ),
    run: (options) => runExec(engine, container, options),
    open: (options) => open(engine, container, options),
    readFile: (path) => readContainerFile(engine, container, path).catch(unlessGone),
    putFiles: (folder, archive) => putArchive(engine, container, folder, archive),
    start: () => startContainer(engine, container).catch(unlessRunning),
    stop: (graceSeconds) => stopContainer(engine, container, graceSeconds),
    pause: () => pauseContainer(engine, container),
    resume: () => unpauseContainer(engine, container),
    remove: () => killAndRemoveContainer(engine, container),
    readMemory: () => readMemory(engine, container),
  };
}

async function readState(engine: Engine, container: string): Promise<PartState> {
  const { Config, State } = await inspectContainer<{
    readonly Config?: { readonly Tty?: boolean };
    readonly State: ContainerState;
  }>(engine, container);
  return {
    isRunning: State.Running,
    hasTerminal: Config?.Tty === true,
    isOutOfMemory: State.OOMKilled,
    isPaused: State.Paused,
  };
}

async function open(engine: Engine, container: string, options: OpenOptions): Promise<OpenCommand> {
  const { stream, resize, exitCode } = await openExecSession(engine, container, options);
  const stopWatching = options.isUnwatched ? () => undefined : endWithContainer(engine, container, stream);
  void stream.closed.then(stopWatching);
  return {
    resize,
    stream: {
      ...stream,
      destroy() {
        stopWatching();
        stream.destroy();
      },
    },
    exitCode: () => exitCode().catch(unlessGone),
  };
}

/** Somebody else may have started it a moment ago: the guard of a sidecar does. 304 is the engine's word for it */
function unlessRunning(error: unknown): void {
  if (!(error instanceof EngineError) || error.status !== 304) throw error;
}

function unlessGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
