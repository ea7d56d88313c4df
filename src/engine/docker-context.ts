/** Docker contexts: the current one of the docker CLI's configuration, with its TLS files. */
import { createHash } from "node:crypto";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import type { EndpointWorld, TlsFiles } from "./endpoint-world.ts";

export interface DockerContext {
  readonly name: string;
  readonly host: string;
  readonly tls: TlsFiles | undefined;
}

interface ContextMetadata {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** The context of `DOCKER_CONTEXT` or of `config.json`; undefined for none or `default`. Throws if it is named but broken. */
export async function findContext(world: EndpointWorld): Promise<DockerContext | undefined> {
  const folder = world.env["DOCKER_CONFIG"] || `${world.home}/.docker`;
  const name = world.env["DOCKER_CONTEXT"] || (await readCurrentContext(world, `${folder}/config.json`));
  if (!name || name === "default") return undefined;
  const id = createHash("sha256").update(name).digest("hex");
  const text = await world.readFile(`${folder}/contexts/meta/${id}/meta.json`);
  const endpoint =
    text === undefined ? undefined : (parseObject(text) as ContextMetadata | undefined)?.Endpoints?.docker;
  if (!endpoint?.Host)
    throw brokenContext(name, text === undefined ? "there is no such context" : "it names no engine");
  if (endpoint.SkipTLSVerify) throw brokenContext(name, "it switches TLS verification off");
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((file) =>
      world.readFile(`${folder}/contexts/tls/${id}/docker/${file}`),
    ),
  );
  return { name, host: endpoint.Host, tls: ca || cert ? { ca, cert, key } : undefined };
}

async function readCurrentContext(world: EndpointWorld, path: string): Promise<string | undefined> {
  const config = parseObject((await world.readFile(path)) ?? "{}");
  const name = config?.["currentContext"];
  return typeof name === "string" ? name : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === "object" ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function brokenContext(name: string, state: string): BottleError {
  return new BottleError({
    code: "engine-unreachable",
    message: `Cannot use the Docker context ${quote(name)}: ${state}`,
    hint: 'List contexts with "docker context ls", or set DOCKER_HOST.',
  });
}
