/** The part of a manifest that concerns claude itself: model, arguments, settings, MCP servers. None of it is a place for a secret. */
import * as v from "valibot";
import { mcpServer, textWithoutNul } from "./mcp-schema.ts";
import type { McpServer } from "./mcp-schema.ts";
import { ownClaudeEntries } from "./own-claude-schema.ts";
import { findReservation } from "./reserved-env.ts";
import { must } from "./rule.ts";

/** What a manifest says about claude; handed to it as it is. */
export interface ClaudeOptions {
  readonly model: string | undefined;
  /** Words on claude's command line, in front of those of the start */
  readonly arguments: readonly string[];
  /** Merged into settings.json */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
  /** The only servers there are, also if there are none; undefined leaves it to the workspace */
  readonly mcp: Readonly<Record<string, McpServer>> | undefined;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Claude Code passes over a server of this name */
const reservedServer = "workspace";

const settings = v.pipe(
  v.record(v.string(), v.unknown()),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const env = dataset.value["env"];
    for (const name of Object.keys(typeof env === "object" && env !== null ? env : {})) {
      const reason = findReservation(name);
      if (reason !== undefined)
        addIssue({ message: `sets ${JSON.stringify(name)} under env, which is reserved: ${reason}` });
    }
  }),
  v.description("Merged into claude's settings.json in the bottle; no place for a secret"),
);

const serverName = v.pipe(
  v.string(),
  v.regex(namePattern, "is not a name for a server"),
  v.notValue(reservedServer, "is a name that Claude Code reserves; choose another one"),
);

/** Further keys of an agent. */
export const claudeEntries = {
  ...ownClaudeEntries,
  model: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,127}$/, must("be the name of a model")),
      v.description("Passed to claude as --model"),
    ),
  ),
  arguments: v.optional(
    v.pipe(v.array(textWithoutNul), v.description("Arguments for claude, before those of the start")),
  ),
  settings: v.optional(settings),
  mcp: v.optional(
    v.pipe(
      v.record(serverName, mcpServer),
      v.description(
        "MCP servers by name, as in .mcp.json; claude uses these and no others, but for bottle, which asks the user for hosts",
      ),
    ),
  ),
} as const;

interface RawClaude {
  readonly model?: string | undefined;
  readonly arguments?: readonly string[] | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly mcp?: Readonly<Record<string, McpServer>> | undefined;
}

/** Undefined for an agent that says nothing of it. */
export function readClaudeOptions(raw: RawClaude): ClaudeOptions | undefined {
  const { model, arguments: words = [], settings: own, mcp } = raw;
  const isSilent = model === undefined && words.length === 0 && own === undefined && mcp === undefined;
  return isSilent ? undefined : { model, arguments: words, settings: own, mcp };
}
