/** What the environment and the user's file override, read once and checked: a setting that is not understood stops the command. */
import { isPlatformName, platformNames } from "../bottle/platforms.ts";
import type { PlatformName } from "../bottle/platforms.ts";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import type { OwnSetting, OwnSettings } from "../manifest/own-settings.ts";
import { claudeVersion } from "../plan/claude-version.ts";
import { filterReleases } from "../plan/filter-releases.ts";
import type { FilterRelease } from "../plan/filter-releases.ts";
import type { EgressPlan } from "../plan/egress-plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that a variable or the file may decide, for whoever asks which of them did. */
export interface Choice {
  readonly what: "filter" | "platform";
  readonly value: string;
  /** `CLAUDE_BOTTLE_FILTER`, or a place in the file; undefined by default */
  readonly by: string | undefined;
  /** The place in the file that the variable overrides */
  readonly over: string | undefined;
}

export interface Settings {
  readonly platform: PlatformName;
  /** Run this image and build nothing */
  readonly image: string | undefined;
  readonly baseImage: string;
  /** What goes into images that we build */
  readonly claudeVersion: string;
  /** A file with CA certificates for images that we build, as it was written */
  readonly certificatesPath: string | undefined;
  readonly pipelockImage: string;
  readonly filter: EgressPlan["filter"];
  readonly isDryRun: boolean;
  /** Further labels on everything that is created */
  readonly labels: Readonly<Record<string, string>>;
  readonly choices: { readonly filter: Choice; readonly platform: Choice };
}

const defaultBaseImage = "node:22-bookworm-slim";
/** Reads the settings. An empty variable counts as unset, and any other wins over the file. */
export function readSettings(env: Environment, file: OwnSettings = {}): Settings {
  const filter = choose("filter", env, file.filter, filterReleases[0].name);
  const platform = choose("platform", env, file.platform, "docker");
  const release = readRelease(filter.value);
  return {
    choices: { filter, platform },
    platform: readPlatform(platform.value),
    image: env["CLAUDE_BOTTLE_IMAGE"] || undefined,
    baseImage: env["CLAUDE_BOTTLE_BASE_IMAGE"] || defaultBaseImage,
    claudeVersion: readVersion(env["CLAUDE_BOTTLE_CLAUDE_VERSION"] || claudeVersion),
    certificatesPath: env["CLAUDE_BOTTLE_CA_CERTS"] || undefined,
    pipelockImage: env["CLAUDE_BOTTLE_PIPELOCK_IMAGE"] || release.image,
    filter: readFilter(env["CLAUDE_BOTTLE_EGRESS"] || "pipelock"),
    isDryRun: readSwitch("CLAUDE_BOTTLE_DRY_RUN", env["CLAUDE_BOTTLE_DRY_RUN"] || "0"),
    labels: readLabels(env["CLAUDE_BOTTLE_LABELS"] || ""),
  };
}

const variables = { filter: "CLAUDE_BOTTLE_FILTER", platform: "CLAUDE_BOTTLE_PLATFORM" } as const;

function choose(
  what: Choice["what"],
  env: Environment,
  own: OwnSetting | undefined,
  byDefault: string,
): Choice {
  const given = env[variables[what]];
  if (given) return { what, value: given, by: variables[what], over: own?.place };
  return { what, value: own?.value ?? byDefault, by: own?.place, over: undefined };
}

function readPlatform(name: string): PlatformName {
  if (isPlatformName(name)) return name;
  throw badSetting("CLAUDE_BOTTLE_PLATFORM", name, platformNames);
}

/** An exact release: a tag or a range would be another one tomorrow under the same name. */
function readVersion(text: string): string {
  if (/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,40})?$/.test(text)) return text;
  throw badSetting("CLAUDE_BOTTLE_CLAUDE_VERSION", text, [`a release such as ${claudeVersion}`]);
}

function readFilter(name: string): EgressPlan["filter"] {
  if (name === "pipelock" || name === "builtin") return name;
  throw badSetting("CLAUDE_BOTTLE_EGRESS", name, ["pipelock", "builtin"]);
}

function readRelease(name: string): FilterRelease {
  const found = filterReleases.find((one) => one.name === name);
  if (found) return found;
  throw badSetting(
    "CLAUDE_BOTTLE_FILTER",
    name,
    filterReleases.map((one) => one.name),
  );
}

function readSwitch(variable: string, value: string): boolean {
  if (["1", "true"].includes(value)) return true;
  if (["0", "false"].includes(value)) return false;
  throw badSetting(variable, value, ["1", "0"]);
}

/** `key=value,key2=value2` */
function readLabels(text: string): Record<string, string> {
  const pairs = text === "" ? [] : text.split(",");
  return Object.fromEntries(
    pairs.map((pair) => {
      const match = /^([a-z0-9][a-z0-9._-]*)=(.*)$/.exec(pair);
      if (!match) throw badSetting("CLAUDE_BOTTLE_LABELS", pair, ["key=value,key2=value2"]);
      return [match[1] ?? "", match[2] ?? ""];
    }),
  );
}

function badSetting(variable: string, value: string, wanted: readonly string[]): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot use ${variable}=${quote(value)}: it must be ${wanted.join(" or ")}`,
    hint: `Set ${variable} to ${wanted.join(" or ")}, or unset it.`,
  });
}
