/** A changed file comes into force, on its folder's news and on SIGHUP, as the record has it of a change of the same settings. */
import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { reloads } from "../../../scripts/lib/filter-contract/catalogue/reloads.ts";
import type { Reload } from "../../../scripts/lib/filter-contract/catalogue/reloads.ts";
import { changedKeys, loadConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { logLine } from "./program.ts";
import type { Program } from "./program.ts";
import { contract, swap } from "./recorded.ts";

const pauseMs = 100;
const failed = "pipelock: config reload failed: ";

/** Begins to watch. */
export function watchConfig(program: Program, path: string): void {
  let timer: NodeJS.Timeout | undefined;
  watch(dirname(path), (_event, name) => {
    if (name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => reload(program, path), pauseMs);
  });
  process.on("SIGHUP", () => reload(program, path));
}

function reload(program: Program, path: string): void {
  let next: Config;
  try {
    next = loadConfig(path);
  } catch (error) {
    process.stderr.write(`${failed}${(error as Error).message}\n`);
    return;
  }
  const { config } = program;
  const like = findLike(config, next);
  if (like === undefined) {
    process.stderr.write(`${failed}the stand-in has no record of such a change\n`);
    return;
  }
  const { log, stderr } = contract.reloads[like.name] ?? { log: [], stderr: [] };
  const swaps = {
    "{config}": path,
    "{metrics}": config.metrics.replace(/^.*:/, ""),
    "127.0.0.1:1": next.metrics,
  };
  for (const line of stderr) process.stderr.write(`${swap(line, { ...swaps, ...addedTo(config, next) })}\n`);
  for (const line of log) logLine(line, { ...swaps, "{hash}": next.hash });
  // What is bound at the start stays bound
  if (log.some((line) => line.includes("config_reload")))
    program.config = { ...next, listen: config.listen, metrics: config.metrics };
}

/** The change of the record that is most like this one: the same settings, and lists that grow where they grow. */
function findLike(config: Config, next: Config): Reload | undefined {
  const changed = summarize(config.settings, next.settings);
  const alike = reloads.filter(({ from, to }) => typeof to !== "string" && summarize(from, to) === changed);
  const isSame = ({ to }: Reload) =>
    changedKeys(to as Settings, next.settings).every((key) => own.has(key) || growing.has(key));
  return alike.find(isSame) ?? alike[0] ?? findText(next);
}

/** Those of the record that are texts: an empty file, and the same again with a marker. */
function findText({ settings }: Config): Reload | undefined {
  const name = Object.keys(settings).length === 0 ? "an empty file" : undefined;
  return reloads.find((one) => one.name === name);
}

type Settings = Readonly<Record<string, unknown>>;

const growing = new Set(["trusted_domains", "ssrf", "tls_interception"]);
/** Every bottle has its own */
const own = new Set(["metrics_listen", "api_allowlist", "fetch_proxy"]);

function summarize(from: Settings, to: Settings): string {
  return changedKeys(from, to)
    .filter((key) => key !== "api_allowlist")
    .flatMap((key) => {
      if (!growing.has(key)) return [key];
      const more = grows(from[key], to[key]);
      return more.length > 0 ? more.map((part) => `${key}.${part}`) : [];
    })
    .join();
}

/** Parts of a section that are changed otherwise than by losing entries of a list. */
function grows(from: unknown, to: unknown): string[] {
  const section = (value: unknown): Settings =>
    Array.isArray(value) || value === undefined ? { list: value ?? [] } : (value as Settings);
  const [before, after] = [section(from), section(to)];
  return changedKeys(before, after).filter((key) => {
    const [one, other] = [before[key] ?? [], after[key] ?? []];
    if (!Array.isArray(one) || !Array.isArray(other)) return true;
    return other.some((entry) => !one.includes(entry));
  });
}

/** Names and networks that the record has in its warnings → those of this change. */
function addedTo(config: Config, next: Config): Readonly<Record<string, string>> {
  const added = (one: readonly string[], other: readonly string[]) =>
    other.filter((entry) => !one.includes(entry)).join(", ");
  return {
    "a.lan": added(config.trustedDomains, next.trustedDomains),
    "10.0.0.5/32": added(config.trustedNetworks, next.trustedNetworks),
    "a.example": added(config.interception?.passthrough ?? [], next.interception?.passthrough ?? []),
  };
}
