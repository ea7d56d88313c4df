/** An agent's MCP servers: what Claude Code documents for an entry of `.mcp.json` (2.1.330), as strictly as it reads it itself. */
import * as v from "valibot";
import { quote } from "../core/text.ts";
import { fillVariables } from "./fill-variables.ts";
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** As in claude's own `.mcp.json`. `${NAME}` and `${NAME:-default}` in it are filled by claude from the bottle's environment. */
export type McpServer = v.InferOutput<typeof mcpServer>;

/** Claude Code takes an entry without a type for a command. `streamable-http` is the protocol's own name for http. */
const types = ["stdio", "http", "streamable-http", "sse", "ws"] as const;

const keysOfCommand: readonly string[] = ["args", "env"];
const keysOfUrl: readonly string[] = ["headers", "headersHelper", "oauth"];

export const textWithoutNul = v.pipe(
  v.string(),
  v.check((value) => !value.includes("\0"), "holds a NUL character"),
);

/** RFC 9110 §5.6.2 */
const headerName = v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a name for a header"));
const headerValue = v.pipe(
  textWithoutNul,
  v.check((value) => !/[\r\n]/.test(value), "holds a line break"),
);

const url = v.pipe(
  textWithoutNul,
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? findUrlProblem(dataset.value) : undefined;
    if (problem !== undefined) addIssue({ message: problem });
  }),
  v.description("Its host must be allowed, unless the server is in the bottle"),
);

/** `${` that claude leaves as it is would be a part of the address. A beginning that only a variable knows is not judged here. */
function findUrlProblem(text: string): Rule | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return "holds a blank or a control character";
  const { filled, missing } = fillVariables(text, () => undefined);
  const broken = /\$\{[^}]*\}?/.exec(
    missing.reduce((rest, name) => rest.replaceAll(`\${${name}}`, ""), filled),
  );
  if (broken) return `holds ${quote(broken[0])}; claude fills \${NAME} and \${NAME:-default}`;
  if (filled.startsWith("${")) return undefined;
  return /^(https?|wss?):\/\/./i.test(filled) ? undefined : must("begin with https://, or wss:// for ws");
}

const oauth = v.pipe(
  v.strictObject({
    clientId: v.optional(
      v.pipe(textWithoutNul, v.description("Of a client that is registered with the server")),
    ),
    callbackPort: v.optional(
      v.pipe(
        v.number(),
        v.integer(must("be a whole number")),
        v.minValue(1, must("be at least 1")),
        v.maxValue(65_535, must("be at most 65535")),
        v.description("In the address that the browser ends at"),
      ),
    ),
    authServerMetadataUrl: v.optional(
      v.pipe(
        textWithoutNul,
        v.regex(/^https:\/\/[^\s/]/, must("begin with https://")),
        v.description("In place of what the server says; its host must be allowed"),
      ),
    ),
    scopes: v.optional(
      v.pipe(
        textWithoutNul,
        v.minLength(1, "is empty"),
        v.description("What to ask for, with blanks between"),
      ),
    ),
  }),
  v.description("Sign in with /mcp in each session: your browser ends at an address to paste into claude"),
);

export const mcpServer = v.pipe(
  v.strictObject({
    type: v.optional(
      v.pipe(
        v.picklist(types),
        v.description("stdio for a command (default); http (or streamable-http), sse or ws for a url"),
      ),
    ),
    command: v.optional(
      v.pipe(textWithoutNul, v.minLength(1, "is empty"), v.description("Runs inside the bottle")),
    ),
    args: v.optional(v.pipe(v.array(textWithoutNul), v.description("Arguments for the command"))),
    env: v.optional(v.pipe(v.record(v.string(), textWithoutNul), v.description("Variables for the command"))),
    url: v.optional(url),
    headers: v.optional(v.pipe(v.record(headerName, headerValue), v.description("Sent to the url"))),
    headersHelper: v.optional(
      v.pipe(
        textWithoutNul,
        v.minLength(1, "is empty"),
        v.description("A shell command that prints more headers as JSON; runs inside the bottle"),
      ),
    ),
    oauth: v.optional(oauth),
    timeout: v.optional(
      v.pipe(
        v.number(),
        v.integer(must("be a whole number")),
        v.minValue(1, must("be at least 1")),
        v.description("Milliseconds for one call of a tool"),
      ),
    ),
    alwaysLoad: v.optional(
      v.pipe(
        v.boolean(),
        v.description("Its tools are in every prompt, and claude waits for it at its start"),
      ),
    ),
  }),
  v.check(
    (server) => (server.command === undefined) !== (server.url === undefined),
    must("have either a command or a url"),
  ),
  v.check(
    ({ type = "stdio", url: address }) => (type === "stdio") === (address === undefined),
    must('have "type": "http", "sse" or "ws" with a url, and none of these with a command'),
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of findMisfits(dataset.value)) addIssue({ message });
  }),
);

/** What Claude Code would silently leave out */
function findMisfits(server: {
  readonly type?: string | undefined;
  readonly command?: string | undefined;
  readonly url?: string | undefined;
}): string[] {
  const { type = "stdio", command, url: address = "" } = server;
  const [others, kind] = command === undefined ? [keysOfCommand, "url"] : [keysOfUrl, "command"];
  const misfits = others
    .filter((key) => Object.hasOwn(server, key))
    .map((key) => `has ${quote(key)}, which a server with a ${kind} does not use`);
  if (type === "ws" && Object.hasOwn(server, "oauth"))
    misfits.push('has "oauth", which a server of type ws does not use; give it a token under headers');
  const scheme = /^[a-z]+(?=:)/i.exec(fillVariables(address, () => undefined).filled)?.[0].toLowerCase();
  if (scheme !== undefined && scheme.startsWith("ws") !== (type === "ws"))
    misfits.push(`has the type ${quote(type)}, to which ${scheme}:// does not fit`);
  return misfits;
}
