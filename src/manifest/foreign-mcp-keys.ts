/** Keys of MCP servers that other programs have, or Claude Code elsewhere: each is an error that says why, and what to do instead. */

const noCode = "is not a key of Claude Code";
const approves = `${noCode}, which asks for no approval in a bottle; remove it`;

const advice: Readonly<Record<string, string>> = {
  cwd: `${noCode}: a server starts in the workspace; give "sh" as command and "-c", "cd DIR && exec …" as args`,
  envFile: `${noCode}; write the variables under env`,
  transport: 'is called "type" by Claude Code',
  transportType: 'is called "type" by Claude Code',
  serverUrl: 'is called "url" by Claude Code',
  httpUrl: 'is called "url" by Claude Code, with "type": "http"',
  disabled: `${noCode}; remove the server instead`,
  enabled: `${noCode}; every server of a manifest is used`,
  autoApprove: approves,
  alwaysAllow: approves,
  trust: approves,
  tools:
    'is read by Claude Code only from its SDK; deny tools as "mcp__SERVER__TOOL" under settings.permissions.deny',
  request_timeout_ms: 'is called "timeout" by Claude Code',
  startupTimeout: `${noCode}; set MCP_TIMEOUT under the bottle's env`,
};

const oauthAdvice: Readonly<Record<string, string>> = {
  clientSecret:
    'is asked for by Claude Code itself and saved in no file of this kind; use a token under headers: "Bearer ${NAME}"',
  xaa: "signs in by an identity provider that is set up on your machine, and a bottle does not have it",
};

/** What to say about a key of an MCP server that is not known; undefined where nothing but that can be said. */
export function findForeignMcpKey(path: readonly (string | number)[]): string | undefined {
  const [agents, , mcp, , ...keys] = path.map(String);
  if (agents !== "agents" || mcp !== "mcp") return undefined;
  const [key = "", inner] = keys;
  const [table, name] = inner === undefined ? [advice, key] : [key === "oauth" ? oauthAdvice : {}, inner];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
