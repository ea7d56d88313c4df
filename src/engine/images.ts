/** Images by the Engine API's own names. */
import { commandLine } from "../core/shell-quote.ts";
import { escapeForTerminal } from "../core/text.ts";
import { EngineError, isNotFound } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { readJsonStream } from "./json-stream.ts";

export interface ImageSummary {
  /** `sha256:…` */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601; empty if the engine does not know */
  readonly created: string;
  /** In Go's words: `amd64`, `arm64` */
  readonly architecture: string;
}

interface ImageResource {
  readonly Id: string;
  readonly Created?: string;
  readonly Architecture?: string;
  readonly Config?: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly User?: string;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  } | null;
}

/** GET /images/{name}/json; undefined if there is no such image. */
export async function findImage(engine: Engine, reference: string): Promise<ImageSummary | undefined> {
  const image = await inspectImage(engine, reference);
  return (
    image && {
      id: image.Id,
      labels: image.Config?.Labels ?? {},
      created: image.Created ?? "",
      architecture: image.Architecture ?? "",
    }
  );
}

/** GET /images/{name}/json with what its makers say of it; undefined if there is no such image. */
export async function inspectImage(engine: Engine, reference: string): Promise<ImageResource | undefined> {
  try {
    return await engine.json<ImageResource>("GET", `/images/${encodeReference(reference)}/json`, {
      action: `look at image "${reference}"`,
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** POST /images/create. The answer is 200 even when the pull fails: an error in the stream decides. `onLine` gets escaped lines. */
export async function pullImage(
  engine: Engine,
  reference: string,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const action = `fetch image "${reference}"`;
  const hint = `Check the network and the name, or fetch it by hand: ${commandLine`docker pull ${reference}`}`;
  const query = { fromImage: withTag(reference) };
  const response = await engine
    .open("POST", "/images/create", { action, query, signal })
    .catch((error: unknown) => {
      // Before Engine 23 a registry that is out of reach is a status of its own and no error in the stream
      if (!(error instanceof EngineError) || error.status === undefined) throw error;
      throw new EngineError({ action, state: error.state, status: error.status, hint, cause: error });
    });
  for await (const message of readJsonStream<PullMessage>(response, { action, signal })) {
    if (message.error) throw new EngineError({ action, state: message.error, hint });
    if (message.status && !message.id) onLine(escapeForTerminal(message.status));
  }
}

/** GET /images/json for images that carry the label; those without a name have an empty list. */
export async function listImages(
  engine: Engine,
  label: string,
): Promise<{ readonly id: string; readonly names: readonly string[] }[]> {
  const images = await engine.json<{ Id: string; RepoTags?: readonly string[] | null }[]>(
    "GET",
    "/images/json",
    {
      action: "list images",
      query: { filters: JSON.stringify({ label: [label] }) },
    },
  );
  return images.map(({ Id, RepoTags }) => ({
    id: Id,
    // An engine's word for none
    names: (RepoTags ?? []).filter((name) => name !== "<none>:<none>"),
  }));
}

/** DELETE /images/{name}; an image that is gone is fine. */
export async function removeImage(engine: Engine, reference: string): Promise<void> {
  try {
    await engine.send("DELETE", `/images/${encodeReference(reference)}`, {
      action: `remove image "${reference}"`,
      timeoutMs: 60_000,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** POST /images/{name}/tag */
export async function tagImage(
  engine: Engine,
  reference: string,
  repository: string,
  tag: string,
): Promise<void> {
  await engine.send("POST", `/images/${encodeReference(reference)}/tag`, {
    action: `tag image "${reference}"`,
    query: { repo: repository, tag },
  });
}

/** The engine's router takes the slashes of a name as they are; everything else could end the path. */
function encodeReference(reference: string): string {
  return reference.split("/").map(encodeURIComponent).join("/");
}

/** Without a tag the engine would fetch every tag of the repository. */
function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return /[:@]/.test(name) ? reference : `${reference}:latest`;
}
