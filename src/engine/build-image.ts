/** Building an image from a Dockerfile: BuildKit where the engine takes it, the classic builder otherwise. */
import { stripVTControlCharacters } from "node:util";
import { escapeForTerminal } from "../core/text.ts";
import { decodeBuildTrace } from "./buildkit-trace.ts";
import { EngineError } from "./engine-error.ts";
import { findEngineHint } from "./engine-hints.ts";
import type { Engine } from "./engine.ts";
import { readJsonStream } from "./json-stream.ts";

export interface BuildRequest {
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Uncompressed tar that holds the Dockerfile; what fails while a stream is read is what the build fails with */
  readonly context: Uint8Array | ReadableStream<Uint8Array>;
  /** Where the Dockerfile is in it, `Dockerfile` by default */
  readonly dockerfile?: string | undefined;
  /** The stage that is the image; the last one by default */
  readonly target?: string | undefined;
  /** What its steps are connected to; the builder's own choice by default */
  readonly network?: string;
  readonly noCache: boolean;
  readonly signal?: AbortSignal;
}

interface BuildMessage {
  readonly stream?: string;
  readonly id?: string;
  readonly aux?: unknown;
  readonly error?: string;
}

/** How many lines of output an error repeats */
const keptLines = 20;

/**
 * POST /build. The answer is 200 even when a step fails: an error object in the stream decides. `onLine` gets each line of output,
 * escaped. Returns the image's id. The base image must be on the engine already, since a missing one makes the daemon ask its registry.
 */
export async function buildImage(
  engine: Engine,
  request: BuildRequest,
  onLine: (line: string) => void,
): Promise<string> {
  const action = `build image "${request.tag}"`;
  const last: string[] = [];
  const report = (text: string) => {
    for (const raw of text.split(/[\r\n]+/)) {
      const line = escapeForTerminal(stripVTControlCharacters(raw)).trimEnd();
      if (line === "") continue;
      if (last.push(line) > keptLines) last.shift();
      onLine(line);
    }
  };
  const response = await engine.open("POST", "/build", {
    action,
    query: {
      t: request.tag,
      dockerfile: request.dockerfile,
      version: engine.builderVersion,
      buildargs: JSON.stringify(request.buildArgs),
      labels: JSON.stringify(request.labels),
      target: request.target,
      networkmode: request.network,
      nocache: request.noCache,
      rm: true,
      forcerm: true,
    },
    raw: { contentType: "application/x-tar", data: request.context },
    signal: request.signal,
  });
  let id: string | undefined;
  for await (const message of readJsonStream<BuildMessage>(response, { action, signal: request.signal })) {
    if (message.error) throw stepFailed(action, message.error, last);
    id = findImageId(message) ?? id;
    if (message.stream) report(message.stream);
    if (message.id === "moby.buildkit.trace" && typeof message.aux === "string") {
      for (const line of decodeBuildTrace(Buffer.from(message.aux, "base64"))) report(line);
    }
  }
  if (id === undefined) {
    throw new EngineError({
      action,
      state: "the engine ended the build without naming an image",
      details: last,
    });
  }
  return id;
}

/**
 * The classic builder's words for a step of its cache that somebody removed while the build went on: another image's
 * removal or a prune takes the untagged steps that both share (moby: daemon/builder, image/store.go, layer/layer.go).
 */
const stepRemoved =
  /unknown parent image ID|layer does not exist|failed to get layer|no such image: sha256:|unable to find image sha256:/i;

/** Whether the build failed for no fault of its own, and will not if it is begun again. */
export function isStepRemoved(error: unknown): boolean {
  return error instanceof EngineError && stepRemoved.test(error.state);
}

/** In the words of apt, curl, git, node and Go */
const outOfReach =
  /failure resolving|could not resolve|cannot resolve|EAI_AGAIN|ENOTFOUND|network is unreachable|no such host/i;

function stepFailed(action: string, state: string, details: readonly string[]): EngineError {
  return new EngineError({ action, state, details, hint: findHint(state, details) });
}

/** Most steps that fail do so because they fetch something. */
function findHint(state: string, lines: readonly string[]): string {
  const ownHint = findEngineHint({ state });
  if (ownHint !== undefined) return ownHint;
  return [state, ...lines].some((line) => outOfReach.test(line))
    ? "Check why the engine's containers do not reach the network (its DNS, a proxy, a VPN), and try again."
    : 'Fix the errors above; "claude-bottle build --verbose" shows all of them.';
}

/** `{"aux":{"ID":…}}`: from the classic builder without an `id`, from BuildKit with `moby.image.id`. */
function findImageId(message: BuildMessage): string | undefined {
  const { aux } = message;
  return aux && typeof aux === "object" && "ID" in aux && typeof aux.ID === "string" ? aux.ID : undefined;
}
