/** kubeconfig files, read and merged as kubectl does: of two entries of one name the first counts, and paths are meant from their file. */
import { posix } from "node:path";
import { quote } from "../core/text.ts";
import { noAccess } from "./access-error.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An entry, and the folder of its file */
export interface ConfigEntry {
  readonly fields: Fields;
  readonly folder: string;
}

export interface Kubeconfig {
  /** That of the user's choice */
  readonly contextName: string;
  readonly context: Fields;
  readonly cluster: ConfigEntry;
  readonly user: ConfigEntry;
}

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

const listContexts = 'List contexts with "kubectl config get-contexts".';

/** The context of that name, or else the files' current one. */
export async function readKubeconfig(
  files: readonly ConfigFile[],
  wanted: string | undefined,
): Promise<Kubeconfig> {
  const parsed = await Promise.all(files.map(parseFile));
  const current = parsed.map(({ fields }) => readText(fields, "current-context")).find(Boolean);
  const contextName = wanted ?? current;
  if (contextName === undefined)
    throw noAccess(
      "no context is chosen",
      'Choose a context with "kubectl config use-context", or set CLAUDE_BOTTLE_KUBE_CONTEXT.',
    );
  const context = findEntry(parsed, "context", contextName)?.fields;
  if (!context)
    throw noAccess(`there is no context ${quote(contextName)} in ${nameFiles(files)}`, listContexts);
  const need = (kind: "cluster" | "user"): ConfigEntry => {
    const name = readText(context, kind) ?? "";
    const entry = findEntry(parsed, kind, name);
    if (entry) return entry;
    throw noAccess(
      `context ${quote(contextName)} names the ${kind} ${quote(name)}, which is not in ${nameFiles(files)}`,
      listContexts,
    );
  };
  return { contextName, context, cluster: need("cluster"), user: need("user") };
}

/** A text that is there and not empty. */
export function readText(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** As an object; empty for anything else. */
export function readFields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** Objects of a list; none for anything else. */
export function readList(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(readFields) : [];
}

/** As an absolute path. */
export function resolvePath({ folder }: ConfigEntry, path: string): string {
  return posix.resolve(folder, path);
}

async function parseFile({ path, text }: ConfigFile): Promise<ConfigEntry> {
  const { parse } = await import("yaml");
  try {
    return { fields: readFields(parse(text)), folder: posix.dirname(path) };
  } catch (cause) {
    // What the parser says quotes the line, which may hold a token
    throw noAccess(`${quote(path)} is not YAML`, 'Check the file with "kubectl config view".', cause);
  }
}

function findEntry(
  files: readonly ConfigEntry[],
  kind: "context" | "cluster" | "user",
  name: string,
): ConfigEntry | undefined {
  for (const { fields, folder } of files) {
    const found = readList(fields[`${kind}s`]).find((entry) => entry["name"] === name);
    if (found) return { fields: readFields(found[kind]), folder };
  }
  return undefined;
}

function nameFiles(files: readonly ConfigFile[]): string {
  return files.map(({ path }) => quote(path)).join(", ");
}
