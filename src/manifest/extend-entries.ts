/** Entries that stand on another one: lists add up, and of single values the entry's own goes first. */
import type { AgentEntry, BottleEntry, EgressEntry } from "./manifest.ts";
import { joinOwnClaude } from "./own-claude-schema.ts";
import type { RawAgent, RawBottle } from "./schema.ts";
import { joinPatterns } from "./workspace-schema.ts";

/** `raw` says which of the own values were written and which are defaults. */
export function extendBottle(base: BottleEntry, own: BottleEntry, raw: RawBottle): BottleEntry {
  const packages = joinPackages(base.packages, own.packages);
  const workspace = joinWorkspace(base.workspace, own.workspace);
  const setup = own.setup ?? base.setup;
  const files = replaceByName(base.files ?? [], own.files ?? [], (one) => one.target);
  const image = raw.image === undefined ? pickImage(base) : pickImage(own);
  return {
    name: own.name,
    env: replaceByName(base.env, own.env, (one) => one.name),
    ssh: replaceByName(base.ssh, own.ssh, (one) => one.host),
    ...(files.length > 0 && { files }),
    ...((base.git ?? own.git) && { git: [...(base.git ?? []), ...(own.git ?? [])] }),
    egress: joinEgress(base.egress, own.egress),
    auth: raw.auth === undefined ? base.auth : own.auth,
    limits: {
      memoryBytes: raw.limits?.memory === undefined ? base.limits.memoryBytes : own.limits.memoryBytes,
      cpus: own.limits.cpus ?? base.limits.cpus,
      pids: raw.limits?.pids === undefined ? base.limits.pids : own.limits.pids,
    },
    ...image,
    ...(packages && { packages }),
    ...((own.compose ?? base.compose) && { compose: own.compose ?? base.compose }),
    ...((base.services ?? own.services) && {
      services: replaceByName(base.services ?? [], own.services ?? [], (one) => one.name),
    }),
    ...(setup && { setup }),
    ...((base.bounds ?? own.bounds) && {
      bounds: replaceByName(base.bounds ?? [], own.bounds ?? [], (one) => one.host),
    }),
    ...((base.canaries ?? own.canaries) && {
      canaries: [...new Set([...(base.canaries ?? []), ...(own.canaries ?? [])])],
    }),
    ...(workspace && { workspace }),
    base: { name: base.name, source: base.source },
    source: own.source,
  };
}

/** As for bottles; the prompts stand one below the other. */
export function extendAgent(base: AgentEntry, own: AgentEntry, raw: RawAgent): AgentEntry {
  const workspace = joinWorkspace(base.workspace, own.workspace);
  const onHangup = own.onHangup ?? base.onHangup;
  const claudeVersion = own.claudeVersion ?? base.claudeVersion;
  const ownClaude = joinOwnClaude(base.ownClaude, own.ownClaude);
  const claude =
    own.claude && base.claude ? joinClaude(base.claude, own.claude) : (own.claude ?? base.claude);
  return {
    name: own.name,
    bottle: raw.bottle ?? base.bottle,
    skills: [...new Set([...base.skills, ...own.skills])],
    prompt: [base.prompt, own.prompt].filter((text) => text !== "").join("\n\n"),
    ...(onHangup && { onHangup }),
    ...(claude && { claude }),
    ...(claudeVersion !== undefined && { claudeVersion }),
    ...(ownClaude && { ownClaude }),
    ...(workspace && { workspace }),
    base: { name: base.name, source: base.source },
    source: own.source,
  };
}

function joinClaude(
  base: NonNullable<AgentEntry["claude"]>,
  own: NonNullable<AgentEntry["claude"]>,
): NonNullable<AgentEntry["claude"]> {
  return {
    model: own.model ?? base.model,
    arguments: [...base.arguments, ...own.arguments],
    settings: own.settings || base.settings ? { ...base.settings, ...own.settings } : undefined,
    mcp: own.mcp || base.mcp ? { ...base.mcp, ...own.mcp } : undefined,
  };
}

/** A Dockerfile is beside the file that names it. */
function pickImage(entry: BottleEntry) {
  const { dockerfile, buildContext, imageName, devcontainer, imageSource, source } = entry;
  return {
    dockerfile,
    ...(buildContext === undefined ? {} : { buildContext }),
    ...(imageName === undefined ? {} : { imageName }),
    ...(devcontainer === undefined ? {} : { devcontainer }),
    imageSource: imageSource ?? source,
  };
}

function joinEgress(base: EgressEntry, own: EgressEntry): EgressEntry {
  return {
    allowlist: [...base.allowlist, ...own.allowlist],
    private: [...base.private, ...own.private],
    inspect: [...base.inspect, ...own.inspect],
    http: [...base.http, ...own.http],
    ...(base.tcp || own.tcp ? { tcp: [...(base.tcp ?? []), ...(own.tcp ?? [])] } : {}),
  };
}

function joinPackages(base: BottleEntry["packages"], own: BottleEntry["packages"]): BottleEntry["packages"] {
  if (!base || !own) return own ?? base;
  const join = (kind: "apt" | "npm") => [...new Set([...base[kind], ...own[kind]])].toSorted();
  return { apt: join("apt"), npm: join("npm") };
}

function joinWorkspace(
  base: BottleEntry["workspace"],
  own: BottleEntry["workspace"],
): BottleEntry["workspace"] {
  return base && own ? joinPatterns([base, own]) : (own ?? base);
}

/** The base's in their order, each in the entry's own form where it has one, and the entry's further ones. */
function replaceByName<T>(base: readonly T[], own: readonly T[], nameOf: (one: T) => string): T[] {
  const names = new Set(own.map(nameOf));
  return [...base.filter((one) => !names.has(nameOf(one))), ...own];
}
