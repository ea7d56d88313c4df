/** The part of an agent that names what it takes of the user's own Claude Code. The release alone may be written as a text. */
import * as v from "valibot";
import type { OwnClaude } from "../core/own-claude.ts";
import { chooseByType } from "./choose-by-type.ts";
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

const release = v.pipe(
  v.string(),
  v.regex(
    /^(?:latest|\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,40})?)$/,
    must('be a release of Claude Code such as "2.1.330", or "latest"'),
  ),
);

const part = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

const list = (pattern: string, rule: Rule, description: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(new RegExp(`^${pattern}$`), rule))),
      v.maxLength(100, "has more than 100 names"),
      v.description(description),
    ),
  );

const names = (folder: string) =>
  list(
    `${part}(?:[:/]${part}){0,4}`,
    must(`be the name of a file in ${folder}, without ".md"`),
    `Files of ~/.claude/${folder}, by their names without ".md"`,
  );

const flag = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)));

const own = v.strictObject({
  version: v.optional(
    v.pipe(
      release,
      v.description("Release of Claude Code in the image; latest is the newest one when the image is built"),
    ),
  ),
  memory: flag("~/.claude/CLAUDE.md and ~/.claude/rules, with what they import from that folder"),
  commands: names("commands"),
  agents: names("agents"),
  styles: names("output-styles"),
  hooks: flag("The hooks of ~/.claude/settings.json, with the scripts of that folder that they name"),
  plugins: list(
    `${part}@${part}`,
    must("be a plugin with its marketplace: name@marketplace"),
    "Plugins that are installed on this machine: name@marketplace",
  ),
  statusLine: flag("The status line of ~/.claude/settings.json, with its script"),
  remember: flag(
    "Claude's own memory of the project: it goes in, and changes come back as a diff that you review",
  ),
});

/** Further keys of an agent. */
export const ownClaudeEntries = {
  claude: v.optional(
    chooseByType(
      v.pipe(
        v.union([release, own]),
        v.description(
          "What goes in of your own Claude Code, and the release in the image; a text is the release alone",
        ),
      ),
      (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? own : release),
    ),
  ),
} as const;

type RawOwn = v.InferOutput<typeof own>;

interface RawAgent {
  readonly claude?: string | RawOwn | undefined;
}

/** Undefined for an agent that leaves it to the program. */
export function readRelease({ claude }: RawAgent): string | undefined {
  return typeof claude === "string" ? claude : claude?.version;
}

/** Undefined for an agent that takes nothing. */
export function readOwnClaude({ claude }: RawAgent): OwnClaude | undefined {
  if (claude === undefined || typeof claude === "string") return undefined;
  const read = (all: readonly string[] = []) => [...new Set(all.map((one) => one.replaceAll(":", "/")))];
  const taken = {
    memory: claude.memory ?? false,
    commands: read(claude.commands),
    agents: read(claude.agents),
    styles: read(claude.styles),
    hooks: claude.hooks ?? false,
    plugins: [...new Set(claude.plugins)],
    statusLine: claude.statusLine ?? false,
    remember: claude.remember ?? false,
  };
  return Object.values(taken).some((one) => (Array.isArray(one) ? one.length > 0 : one)) ? taken : undefined;
}

/** Of an agent and what it stands on: lists add up, and the agent takes all that its base takes. */
export function joinOwnClaude(
  base: OwnClaude | undefined,
  own: OwnClaude | undefined,
): OwnClaude | undefined {
  if (!base || !own) return own ?? base;
  const join = (key: "commands" | "agents" | "styles" | "plugins") => [
    ...new Set([...base[key], ...own[key]]),
  ];
  return {
    memory: base.memory || own.memory,
    commands: join("commands"),
    agents: join("agents"),
    styles: join("styles"),
    hooks: base.hooks || own.hooks,
    plugins: join("plugins"),
    statusLine: base.statusLine || own.statusLine,
    remember: base.remember || own.remember,
  };
}
