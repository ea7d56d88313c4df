/** What happens to objects of one kind, without a gap: a list, then a watch from there on, taken up again wherever it breaks off. */
import { setTimeout } from "node:timers/promises";
import { makeLineSplitter } from "../core/lines.ts";
import { ApiError, transportError } from "./api-error.ts";
import type { Cluster } from "./cluster.ts";

export interface ApiObject {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly resourceVersion?: string };
}

export interface Change<T> {
  /** `there`: as it is now, also where it was before */
  readonly kind: "there" | "gone";
  readonly object: T;
}

export interface WatchOptions {
  readonly action: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal: AbortSignal;
  /** Called once the first list is there */
  readonly onListed?: (() => void) | undefined;
  readonly pauseMs?: number;
}

interface WatchEvent<T> {
  readonly type: string;
  readonly object: T & { readonly code?: number; readonly message?: string };
}

interface State<T> {
  readonly objects: Map<string, T>;
  /** Where the watch goes on; undefined where a list is due */
  version: string | undefined;
}

/**
 * Every object that there is, then every change, until the signal; it ends without an error then. An API server that is away is waited for.
 * What cannot pass, such as a missing verb, is thrown.
 */
export async function* watchObjects<T extends ApiObject>(
  cluster: Cluster,
  path: string,
  options: WatchOptions,
): AsyncGenerator<Change<T>> {
  const { signal, pauseMs = 1_000 } = options;
  const state: State<T> = { objects: new Map(), version: undefined };
  while (!signal.aborted) {
    try {
      if (state.version === undefined) yield* list(cluster, path, options, state);
      yield* follow(cluster, path, options, state);
    } catch (error) {
      if (signal.aborted) return;
      if (!canPass(error)) throw error;
      if (error.status === 410) state.version = undefined;
      await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What is there, and what went while nobody looked. */
async function* list<T extends ApiObject>(
  cluster: Cluster,
  path: string,
  { action, signal, onListed, ...selectors }: WatchOptions,
  state: State<T>,
): AsyncGenerator<Change<T>> {
  const query = { labelSelector: selectors.labelSelector, fieldSelector: selectors.fieldSelector };
  const found = await cluster.json<{
    readonly items: readonly T[];
    readonly metadata: { readonly resourceVersion: string };
  }>("GET", path, { action, query, signal });
  const before = new Map(state.objects);
  state.objects.clear();
  for (const object of found.items) state.objects.set(keyOf(object), object);
  state.version = found.metadata.resourceVersion;
  onListed?.();
  for (const object of found.items) yield { kind: "there", object };
  for (const [key, object] of before) if (!state.objects.has(key)) yield { kind: "gone", object };
}

/** One watch, to its end. */
async function* follow<T extends ApiObject>(
  cluster: Cluster,
  path: string,
  { action, labelSelector, fieldSelector, signal }: WatchOptions,
  state: State<T>,
): AsyncGenerator<Change<T>> {
  const query = {
    labelSelector,
    fieldSelector,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: state.version,
    // The server's own limit is random, and some proxies have a shorter one
    timeoutSeconds: 240,
  };
  const response = await cluster.open(path, { action, query, signal });
  for await (const event of readEvents<T>(response, action, signal)) {
    if (event.type === "ERROR") {
      // The version is too old: what happened since is in the next list
      state.version = undefined;
      if (event.object.code === 410) return;
      throw new ApiError({
        action,
        state: event.object.message ?? "the watch failed",
        status: event.object.code,
      });
    }
    state.version = event.object.metadata.resourceVersion ?? state.version;
    if (event.type === "BOOKMARK") continue;
    const isGone = event.type === "DELETED";
    if (isGone) state.objects.delete(keyOf(event.object));
    else state.objects.set(keyOf(event.object), event.object);
    yield { kind: isGone ? "gone" : "there", object: event.object };
  }
}

async function* readEvents<T>(
  response: Response,
  action: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const lines = makeLineSplitter();
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>)
      for (const line of lines.push(chunk)) if (line !== "") yield JSON.parse(line) as WatchEvent<T>;
  } catch (cause) {
    throw cause instanceof SyntaxError
      ? new ApiError({ action, state: "the watch is not JSON", cause })
      : transportError(cause, { action, signal });
  }
}

function keyOf({ metadata }: ApiObject): string {
  return metadata.uid ?? metadata.name;
}

/** 410 of a list or a watch that begins: another list is due. */
function canPass(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return (
    error.transport !== undefined ||
    error.status === 429 ||
    error.status === 410 ||
    (error.status ?? 0) >= 500
  );
}
