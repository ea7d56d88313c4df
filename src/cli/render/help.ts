/** Help texts: the program's own, and each command's from its definition. */
import { commandGroups } from "../args/command-entry.ts";
import type { CommandEntry, CommandGroup } from "../args/command-entry.ts";
import type { ArgDef, ArgsDef } from "citty";

/** Variables and what they mean, for the help and the documents */
export const environmentLines = [
  ["CLAUDE_BOTTLE_OAUTH_TOKEN", 'Your subscription token, from "claude setup-token"'],
  ["CLAUDE_BOTTLE_TOKEN_COMMAND", "A shell command that prints the token, run after your yes"],
  ["ANTHROPIC_API_KEY", "An API key instead of a subscription"],
  ["CLAUDE_BOTTLE_EGRESS", "pipelock (default), or builtin: the gate alone, no DLP"],
  ["CLAUDE_BOTTLE_IMAGE", "Run this image instead of building one"],
  ["CLAUDE_BOTTLE_BASE_IMAGE", "Build on this image; default node:22-bookworm-slim"],
  ["CLAUDE_BOTTLE_CLAUDE_VERSION", "Another release of Claude Code in images that are built"],
  ["CLAUDE_BOTTLE_CA_CERTS", "A PEM file with more CA certificates, for images that are built"],
  [
    "HTTPS_PROXY, NO_PROXY",
    "The proxy that bottles reach hosts through, and the hosts that they reach past it",
  ],
  ["CLAUDE_BOTTLE_PROXY", "Another proxy for bottles, or none"],
  [
    "CLAUDE_BOTTLE_FILTER",
    '2.3 (default), or 3.5: another release of pipelock; "filter" in your settings file',
  ],
  ["CLAUDE_BOTTLE_PIPELOCK_IMAGE", "Another image of pipelock, such as your mirror's"],
  ["CLAUDE_BOTTLE_PLATFORM", 'docker, the only one so far; "platform" in your settings file'],
  ["CLAUDE_BOTTLE_DRY_RUN", "1: the same as --dry-run"],
  ["CLAUDE_BOTTLE_TIMINGS", "1: print where the time of each command went; json: as JSON, an object a line"],
  ["CLAUDE_BOTTLE_LABELS", "key=value,…: more labels on everything that is created"],
  ["CLAUDE_BOTTLE_UPDATE_URL", "A release's VERSION file, for self-update --check"],
  ["CLAUDE_CONFIG_DIR", "Where your own Claude Code keeps its files; default ~/.claude"],
  [
    "DOCKER_HOST",
    "unix:///path, ssh://user@host, or tcp://host:2376 with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH",
  ],
  ["DOCKER_CONTEXT", "A context of the docker CLI"],
] as const;

/** What a variable would say in every shell */
const settingsLines = [
  "Your settings file is ~/.config/claude-bottle/settings.jsonc (below $XDG_CONFIG_HOME if that is set):",
  '  { "filter": "3.5", "platform": "docker" }',
  'A variable wins over it. "claude-bottle doctor" shows which of the two decided.',
] as const;

type Table = Readonly<Record<string, CommandEntry>>;

const slogan = "claude-bottle: Claude Code in a container that reaches only the hosts you list";
const startHere = "Start here:  claude-bottle start          Every command: claude-bottle --help";

/** `claude-bottle` alone: names by group, nothing more. */
export function renderShortHelp(table: Table): string {
  const rows = commandGroups.map((group) => {
    const names = listShown(table, group).map(([name]) => name);
    return [group, names.join("  ")] as const;
  });
  return [slogan, "", ...renderColumns(rows).map((line) => line.slice(2)), "", startHere, ""].join("\n");
}

/** `claude-bottle --help`: every command with what it does. */
export function renderProgramHelp(table: Table): string {
  const width = Math.max(...Object.keys(table).map((name) => name.length));
  const groups = commandGroups.flatMap((group) => [
    "",
    group,
    ...renderColumns(
      listShown(table, group).map(([name, entry]) => [name, entry.description] as const),
      width,
    ),
  ]);
  const aliases = Object.entries(table).flatMap(([name, entry]) =>
    (entry.aliases ?? []).map((alias) => `${alias} (${name})`),
  );
  return [
    slogan,
    "",
    "Usage: claude-bottle COMMAND [OPTIONS]",
    ...groups,
    "",
    `Other names: ${aliases.join(", ")}`,
    "",
    "Examples:",
    "  claude-bottle init                     # add a first agent",
    "  claude-bottle start hello --dry-run    # see what it may reach",
    "  claude-bottle start hello              # start it on a copy of this repository",
    "",
    "One command:            claude-bottle COMMAND --help",
    "Environment variables:  claude-bottle help env",
    "The manifest is claude-bottle.json in the project and in the home folder.",
    "",
  ].join("\n");
}

/** `claude-bottle help env` */
export function renderEnvironmentHelp(): string {
  return ["Environment variables:", ...renderColumns(environmentLines), "", ...settingsLines, ""].join("\n");
}

function listShown(table: Table, group: CommandGroup): [string, CommandEntry][] {
  return Object.entries(table).filter(([, entry]) => !entry.isHidden && (entry.group ?? "More") === group);
}

/** `claude-bottle COMMAND --help` */
export function renderCommandHelp(
  name: string,
  entry: CommandEntry,
  args: ArgsDef,
  examples: readonly string[],
): string {
  const positionals = Object.entries(args).filter(([, definition]) => definition.type === "positional");
  const flags = Object.entries(args).filter(([, definition]) => definition.type !== "positional");
  return [
    `${entry.description}.`,
    "",
    `Usage: ${renderUsage(name, entry, args)}`,
    ...(entry.aliases ? [`Other names: ${entry.aliases.join(", ")}`] : []),
    "",
    ...(positionals.length === 0
      ? []
      : [
          "Arguments:",
          ...renderColumns(positionals.map(([word, one]) => [word.toUpperCase(), one.description ?? ""])),
          "",
        ]),
    "Options:",
    ...renderColumns(flags.map(([flag, one]) => [renderFlag(flag, one), one.description ?? ""])),
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

/** `claude-bottle start [AGENT] [OPTIONS] [-- CLAUDE ARGUMENTS]` */
export function renderUsage(name: string, entry: CommandEntry, args: ArgsDef): string {
  const positionals = Object.entries(args).filter(([, definition]) => definition.type === "positional");
  const words = positionals.map(([word, { required }]) =>
    required === false ? `[${word.toUpperCase()}${entry.isVariadic ? "..." : ""}]` : word.toUpperCase(),
  );
  const rest = entry.takesRest ? [`[-- ${entry.restName ?? "CLAUDE ARGUMENTS"}]`] : [];
  return ["claude-bottle", name, ...words, "[OPTIONS]", ...rest].join(" ");
}

function renderFlag(name: string, definition: ArgDef): string {
  if (definition.type === "boolean" && definition.default === true) return `    --no-${name}`;
  const [alias] = [("alias" in definition && definition.alias) || []].flat();
  const value = definition.type === "string" ? `=${definition.valueHint ?? "VALUE"}` : "";
  return `${alias ? `-${alias}, ` : "    "}--${name}${value}`;
}

function renderColumns(rows: readonly (readonly [string, string])[], least = 0): string[] {
  const width = Math.max(least, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
