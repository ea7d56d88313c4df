/** The part of a manifest that concerns claude itself: model, arguments, settings, MCP servers. None of it is a place for a secret. */
import * as v from "valibot";
import { findReservation } from "./reserved-env.ts";

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

/** As in claude's own `.mcp.json`. `${NAME}` in it is filled by claude from the bottle's environment. */
export type McpServer = v.InferOutput<typeof mcpServer>;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const text = v.pipe(
  v.string(),
  v.check((value) => !value.includes("\0"), "holds a NUL character"),
);

const mcpServer = v.pipe(
  v.strictObject({
    type: v.optional(
      v.pipe(
        v.picklist(["stdio", "http", "sse"]),
        v.description("stdio for a command (default); http or sse for a url"),
      ),
    ),
    command: v.optional(v.pipe(text, v.minLength(1, "is empty"), v.description("Runs inside the bottle"))),
    args: v.optional(v.pipe(v.array(text), v.description("Words for the command"))),
    env: v.optional(v.pipe(v.record(v.string(), text), v.description("Variables for the command"))),
    url: v.optional(
      v.pipe(
        text,
        v.regex(/^https?:\/\/./, "must begin with https://"),
        v.description("Its host must be granted"),
      ),
    ),
    headers: v.optional(v.pipe(v.record(v.string(), text), v.description("Sent to the url"))),
  }),
  v.check(
    ({ command, url }) => (command === undefined) !== (url === undefined),
    "must have either a command or a url",
  ),
  v.check(
    ({ type = "stdio", url }) => (type === "stdio") === (url === undefined),
    'must have "type": "http" or "sse" with a url, and neither with a command',
  ),
);

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

/** Further keys of an agent. */
export const claudeEntries = {
  model: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,127}$/, "must be the name of a model"),
      v.description("Passed to claude as --model"),
    ),
  ),
  arguments: v.optional(
    v.pipe(v.array(text), v.description("Words for claude's command line, in front of those of the start")),
  ),
  settings: v.optional(settings),
  mcp: v.optional(
    v.pipe(
      v.record(v.pipe(v.string(), v.regex(namePattern, "is not a name for a server")), mcpServer),
      v.description("MCP servers by name, as in .mcp.json; claude uses these and no others"),
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
