/**
 * Configurations: those that the product writes, with hosts, places and sizes of their own, are taken. Others are answered as the record
 * has them, and what it does not have is refused, so that no test rests on it.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { opened, strict } from "../../../scripts/lib/filter-contract/catalogue/configs.ts";
import { configurations } from "../../../scripts/lib/filter-contract/catalogue/configurations.ts";
import type { RunAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import { contract, swap } from "./recorded.ts";

/** What ends a command with 1 and its words on stderr */
export class Failure extends Error {}

type Settings = Readonly<Record<string, unknown>>;

export interface Config {
  readonly settings: Settings;
  /** Of the bytes */
  readonly hash: string;
  readonly listen: string;
  readonly metrics: string;
  readonly allowlist: readonly string[];
  readonly trustedDomains: readonly string[];
  readonly trustedNetworks: readonly string[];
  readonly maxResponseBytes: number;
  readonly interception:
    | {
        readonly certificate: string;
        readonly key: string;
        readonly passthrough: readonly string[];
        readonly maxResponseBytes: number;
      }
    | undefined;
}

/** Lists, places and sizes, which every bottle has its own of */
const own = new Set(
  "api_allowlist trusted_domains ip_allowlist passthrough_domains listen metrics_listen ca_cert ca_key".split(
    " ",
  ),
);
const ownNumbers = new Set(["max_response_mb", "max_response_bytes"]);

/** Reads the file. Throws a `Failure` in the program's words for what it does not take. */
export function loadConfig(path: string): Config {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file or directory" : "permission denied";
    throw new Failure(`reading config ${path}: open ${path}: ${code}`);
  }
  const text = bytes.toString();
  const hash = createHash("sha256").update(bytes).digest("hex");
  const known = findRecorded(text);
  if (known && known.exitCode !== 0) {
    const folder = /"(\/[^"]*)\/[\w-]+-key\.pem"/.exec(text)?.[1] ?? "";
    throw new Failure(swap(messageIn(known.stderr), { "{config}": path, "{folder}": folder }));
  }
  // What is no JSON is of the catalogue, and only looked at
  return readSettings(known && !text.startsWith("{") ? {} : parse(text, path), text, path, hash);
}

/** What `check` said of a text of the catalogue. */
export function recordedCheck(path: string): RunAnswer | undefined {
  return findRecorded(readFileSync(path, "utf8"));
}

function findRecorded(text: string): RunAnswer | undefined {
  const name = Object.keys(configurations).find((one) => fits(text, configurations[one] ?? ""));
  return name === undefined ? undefined : contract.configurations[name];
}

/** `check` says it twice; the first has a beginning of its own. */
function messageIn(stderr: readonly string[]): string {
  return stderr.slice(stderr.length / 2).join("\n");
}

function fits(text: string, template: string): boolean {
  const [head = "", ...rest] = template.split(/\{(?:folder|metrics)\}/);
  if (rest.length === 0) return text === template;
  return text.startsWith(head) && text.endsWith(rest.at(-1) ?? "");
}

function parse(text: string, path: string): Settings {
  const json = text.replaceAll(/^#.*$/gm, "").trim();
  try {
    return (json === "" ? {} : JSON.parse(json)) as Settings;
  } catch {
    const [line = ""] = contract.reloads["half a file"]?.stderr ?? [];
    throw new Failure(swap(line.replace(/^.*?failed: /, ""), { "{config}": path }));
  }
}

function readSettings(settings: Settings, text: string, path: string, hash: string): Config {
  refuseUnknown(settings, text, path);
  if (settings["mode"] === "strict" && list(settings["api_allowlist"]).length === 0)
    throw new Failure(messageIn(contract.configurations["strict with an empty list"]?.stderr ?? []));
  const section = (name: string) => (settings[name] ?? {}) as Settings;
  const interception = section("tls_interception");
  return {
    settings,
    hash,
    listen: String(section("fetch_proxy")["listen"] ?? "127.0.0.1:8888"),
    metrics: String(settings["metrics_listen"] ?? ""),
    allowlist: list(settings["api_allowlist"]),
    trustedDomains: list(settings["trusted_domains"]),
    trustedNetworks: list(section("ssrf")["ip_allowlist"]),
    maxResponseBytes: Number(section("fetch_proxy")["max_response_mb"] ?? 10) * 1024 * 1024,
    interception:
      interception["enabled"] === true
        ? {
            certificate: String(interception["ca_cert"]),
            key: String(interception["ca_key"]),
            passthrough: list(interception["passthrough_domains"]),
            maxResponseBytes: Number(interception["max_response_bytes"]),
          }
        : undefined,
  };
}

function refuseUnknown(settings: Settings, text: string, path: string): void {
  const unknown = Object.keys(settings).find((key) => !(key in opened));
  if (unknown === undefined) return;
  const line = text.slice(0, text.indexOf(`"${unknown}"`)).split("\n").length;
  const message = messageIn(contract.configurations["unknown key in JSON"]?.stderr ?? []);
  throw new Failure(
    swap(message.replace(/line \d+/, `line ${line}`), {
      "{config}": path,
      "field unknown": `field ${unknown}`,
    }),
  );
}

/** Throws for settings that the product never writes: nobody has recorded what the program would do. */
export function requireRecorded({ settings }: Config): void {
  const shape = shapeOf(settings);
  const wanted = shapeOf(settings["tls_interception"] === undefined ? strict : opened);
  const other = changedKeys(JSON.parse(wanted) as Settings, JSON.parse(shape) as Settings);
  if (other.length > 0)
    throw new Failure(`the stand-in has no record of such a configuration: ${other.join(", ")}`);
}

/** Top-level keys whose values differ. */
export function changedKeys(one: Settings, other: Settings): string[] {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key])).toSorted();
}

function shapeOf(settings: Settings): string {
  const { ssrf: _, ...rest } = settings;
  const sorted = Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(sorted, (key, value: unknown) => {
    if (own.has(key) || (ownNumbers.has(key) && typeof value === "number")) return "own";
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
