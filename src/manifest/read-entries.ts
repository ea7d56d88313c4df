/** From checked manifest text to the values the program works with: canonical hosts, numbers, defaults. */
import { parseHostName, parseHostPattern } from "../core/host-name.ts";
import { parseHostPort } from "../core/host-port.ts";
import { readBounds } from "./bounds-schema.ts";
import { readClaudeOptions } from "./claude-schema.ts";
import { readGit } from "./git-schema.ts";
import { parseHostKey } from "./host-key.ts";
import { toHost } from "./host-schema.ts";
import { readPackages } from "./image-schema.ts";
import type {
  AgentEntry,
  BottleEntry,
  EnvEntry,
  EnvValue,
  FilesEntry,
  HostGrant,
  SourceRef,
  SshEntry,
} from "./manifest.ts";
import { parseMemory } from "./memory.ts";
import { readOwnClaude, readRelease } from "./own-claude-schema.ts";
import type { RawAgent, RawBottle, RawSsh } from "./schema.ts";
import { readRules } from "./rules-schema.ts";
import { readServices } from "./services-schema.ts";
import { readSetup } from "./setup-schema.ts";
import { readPatterns } from "./workspace-schema.ts";

type Locate = (path: readonly (string | number)[]) => SourceRef;

const defaultMemoryBytes = 4 * 1024 ** 3;
/** Threads count: test runners and bundlers use some hundreds */
const defaultPids = 2048;
const defaultSshPort = 22;

/** Reads a bottle entry that passed the schema. */
export function readBottle(name: string, raw: RawBottle, locate: Locate): BottleEntry {
  const at = ["bottles", name];
  const packages = readPackages(raw);
  const workspace = readPatterns(raw);
  const setup = readSetup(raw);
  const memory = raw.limits?.memory === undefined ? undefined : parseMemory(raw.limits.memory);
  return {
    name,
    env: Object.entries(raw.env ?? {}).map(([key, entry]): EnvEntry => ({
      name: key,
      value: readEnvValue(key, typeof entry === "string" ? entry : entry.value),
      ...(typeof entry === "string"
        ? {}
        : { hosts: entry.hosts.map((host) => canonical(parseHostName(host))) }),
      source: locate([...at, "env", key]),
    })),
    ssh: (raw.ssh ?? []).map((entry, index) => readSsh(entry, locate([...at, "ssh", index]))),
    ...(raw.files && { files: readFiles(raw.files, (target) => locate([...at, "files", target])) }),
    ...(raw.git && { git: readGit(raw.git, (index) => locate([...at, "git", index])) }),
    egress: readEgress(raw.egress, [...at, "egress"], locate),
    auth: raw.auth ?? "gate",
    limits: {
      memoryBytes: memory?.ok ? memory.bytes : defaultMemoryBytes,
      cpus: raw.limits?.cpus,
      pids: raw.limits?.pids ?? defaultPids,
    },
    ...readImage(raw),
    ...(packages && { packages }),
    ...readBeside(raw, at, locate),
    ...(setup && { setup: { ...setup, source: locate([...at, "setup"]) } }),
    ...(raw.canaries && { canaries: raw.canaries }),
    ...(raw.bounds && { bounds: readBounds(raw.bounds, (host) => locate([...at, "bounds", host])) }),
    ...(workspace && { workspace }),
    source: locate(at),
  };
}

function readEgress(
  egress: RawBottle["egress"],
  at: readonly string[],
  locate: Locate,
): BottleEntry["egress"] {
  const hosts = (list: "private" | "http" | "tcp"): HostGrant[] =>
    (egress?.[list] ?? []).map((text, index) => ({
      ...readHost(text),
      source: locate([...at, list, index]),
    }));
  return {
    allowlist: (egress?.allowlist ?? []).map((entry, index) => ({
      ...readHost(toHost(entry)),
      ...readRules(entry, (path) => locate([...at, "allowlist", index, ...path])),
      source: locate([...at, "allowlist", index]),
    })),
    private: hosts("private"),
    inspect: (egress?.inspect ?? []).map((entry, index) => ({
      ...(typeof entry === "string" ? {} : { by: entry.by, allow: entry.allow }),
      host: canonical(parseHostPattern(toHost(entry))),
      source: locate([...at, "inspect", index]),
    })),
    http: hosts("http"),
    ...(egress?.tcp && { tcp: hosts("tcp") }),
  };
}

/** What runs beside an agent. */
function readBeside(
  raw: RawBottle,
  at: readonly string[],
  locate: Locate,
): Pick<BottleEntry, "compose" | "services"> {
  return {
    ...(raw.compose !== undefined && {
      compose: { path: raw.compose, source: locate([...at, "compose"]) },
    }),
    ...(raw.services && {
      services: readServices(raw.services, (one) => locate([...at, "services", one])),
    }),
  };
}

function readImage({
  image = {},
}: RawBottle): Pick<BottleEntry, "dockerfile" | "buildContext" | "imageName" | "devcontainer"> {
  const { dockerfile, context, name, devcontainer } = image;
  return {
    dockerfile,
    ...(context === undefined ? {} : { buildContext: context }),
    ...(name === undefined ? {} : { imageName: name }),
    ...(devcontainer === undefined ? {} : { devcontainer }),
  };
}

/** Reads an agent entry that passed the schema. */
export function readAgent(name: string, raw: RawAgent, locate: Locate): AgentEntry {
  const claude = readClaudeOptions(raw);
  const claudeVersion = readRelease(raw);
  const ownClaude = readOwnClaude(raw);
  const workspace = readPatterns(raw);
  return {
    name,
    bottle: raw.bottle ?? "",
    skills: [...new Set(raw.skills ?? [])],
    prompt: raw.prompt ?? "",
    ...(raw.onHangup && { onHangup: raw.onHangup }),
    ...(claude && { claude }),
    ...(claudeVersion !== undefined && { claudeVersion }),
    ...(ownClaude && { ownClaude }),
    ...(workspace && { workspace }),
    source: locate(["agents", name]),
  };
}

function readFiles(
  files: Readonly<Record<string, string>>,
  locateTarget: (target: string) => SourceRef,
): FilesEntry[] {
  return Object.entries(files).map(([target, from]) => ({ target, from, source: locateTarget(target) }));
}

/** `?text` is asked for, `${NAME}` is copied, the rest is literal. */
function readEnvValue(name: string, text: string): EnvValue {
  if (text.startsWith("?")) return { kind: "prompt", question: text.slice(1).trim() || `Value for ${name}` };
  const variable = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.[1];
  return variable === undefined ? { kind: "literal", value: text } : { kind: "variable", variable };
}

function readSsh(raw: RawSsh, source: SourceRef): SshEntry {
  const pinned = parseHostKey(raw.KnownHostKey);
  return {
    host: raw.Host,
    hostname: canonical(parseHostName(raw.Hostname)),
    user: raw.User,
    port: Number(raw.Port ?? defaultSshPort),
    identityFile: raw.IdentityFile,
    hostKey: pinned.ok ? pinned.key : "",
    source,
  };
}

function readHost(text: string): Pick<HostGrant, "host" | "port"> {
  const parsed = parseHostPort(text);
  if (!parsed.ok) throw new Error(`A host passed the schema but not the grammar: ${parsed.problem}`);
  const { host, port } = parsed;
  return port === undefined ? { host } : { host, port };
}

/** The schema has checked it; a failure here would be a bug of ours. */
function canonical(result: ReturnType<typeof parseHostName>): string {
  if (!result.ok) throw new Error(`A host passed the schema but not the grammar: ${result.problem}`);
  return result.host;
}
