import { describe, expect, test } from "bun:test";
import { aManifest, problemsOf } from "../../support/manifests.ts";

const withServer = (server: unknown, name = "x") => ({
  bottles: { dev: {} },
  agents: { a: { bottle: "dev", mcp: { [name]: server } } },
});
const web = { type: "http", url: "https://api.example.com/mcp" };

/** Each is in the documentation of Claude Code, or follows from what is */
describe("an MCP server is taken as Claude Code documents it", () => {
  test.each<readonly [string, Record<string, unknown>]>([
    ["a command", { command: "node" }],
    ["a command with a type", { type: "stdio", command: "/path/to/server", args: [], env: {} }],
    [
      "a command with variables",
      { command: "${BIN:-npx}", args: ["-y", "${PKG}"], env: { K: "a ${K:-} b" } },
    ],
    [
      "shell syntax that claude leaves alone",
      { command: "sh", args: ["-c", "echo ${X%.*} $(date) ${Y:=z}"] },
    ],
    ["http", web],
    ["http by the protocol's own name", { ...web, type: "streamable-http" }],
    ["sse", { ...web, type: "sse" }],
    ["ws", { type: "ws", url: "wss://mcp.example.com/socket", headers: { Authorization: "Bearer x" } }],
    ["a server in the bottle", { type: "http", url: "http://localhost:8080/mcp" }],
    ["an address with a default", { type: "http", url: "${API_BASE:-https://api.example.com}/mcp" }],
    ["an address by a variable", { type: "http", url: "${API_BASE}/mcp" }],
    ["an address with a variable inside", { type: "http", url: "https://${HOST}/${T:-a}?k=${K}" }],
    ["a socket by a variable", { type: "ws", url: "${SOCKET}" }],
    ["headers with variables", { ...web, headers: { "X-Api-Key": "${KEY}", Accept: "${A:-*/*}" } }],
    ["a helper for headers", { ...web, headersHelper: "./h.sh" }],
    ["a client that is registered", { ...web, oauth: { clientId: "x", callbackPort: 8080 } }],
    [
      "other metadata",
      { ...web, oauth: { authServerMetadataUrl: "https://a.example.com/x", scopes: "a b" } },
    ],
    ["limits", { ...web, timeout: 600_000, alwaysLoad: true }],
    ["limits of a command", { command: "node", timeout: 60_000, alwaysLoad: false }],
    ["limits of a socket", { type: "ws", url: "wss://a.example.com", timeout: 1, headersHelper: "h" }],
  ])("%s", (_name, server) => {
    const { agents } = aManifest(withServer(server));
    expect(agents.get("a")?.claude?.mcp?.["x"] as unknown).toEqual(server);
  });
});

describe("an MCP server is refused", () => {
  test.each<readonly [Record<string, unknown>, string]>([
    [
      { ...web, type: "websocket" },
      '.type must be "stdio" or "http" or "streamable-http" or "sse" or "ws", not "web',
    ],
    [{ command: "x", headers: {} }, ' has "headers", which a server with a command does not use'],
    [
      { command: "x", headersHelper: "h" },
      ' has "headersHelper", which a server with a command does not use',
    ],
    [{ ...web, args: [] }, ' has "args", which a server with a url does not use'],
    [
      { type: "ws", url: "wss://a.example", oauth: {} },
      ' has "oauth", which a server of type ws does not use',
    ],
    [{ type: "ws", url: "https://a.example" }, ' has the type "ws", to which https:// does not fit'],
    [{ type: "http", url: "wss://a.example" }, ' has the type "http", to which wss:// does not fit'],
    [{ type: "sse", url: "${X:-wss://a.example}" }, ' has the type "sse", to which wss:// does not fit'],
    [
      { type: "http", url: "ftp://a.example" },
      '.url must begin with https://, or wss:// for ws, not "ftp://a.example"',
    ],
    [{ type: "http", url: "${X:-a.example}" }, ".url must begin with https://"],
    [{ type: "http", url: "" }, ".url must begin with https://"],
    [
      { type: "http", url: "https://a.example/${X-y}" },
      '.url holds "${X-y}"; claude fills ${NAME} and ${NAME:-default}',
    ],
    [{ type: "http", url: "${X" }, '.url holds "${X"; claude fills'],
    [{ type: "http", url: "https://a.example/a b" }, ".url holds a blank or a control character"],
    [{ ...web, headers: { "a b": "x" } }, '.headers["a b"] is not a name for a header'],
    [{ ...web, headers: { a: "x\r\ny" } }, ".headers.a holds a line break"],
    [{ ...web, timeout: "5" }, '.timeout must be a number, not "5"'],
    [{ ...web, timeout: 0 }, ".timeout must be at least 1"],
    [{ ...web, timeout: 1.5 }, ".timeout must be a whole number"],
    [{ ...web, alwaysLoad: "yes" }, '.alwaysLoad must be true or false, not "yes"'],
    [{ ...web, oauth: { callbackPort: 0 } }, ".oauth.callbackPort must be at least 1"],
    [
      { ...web, oauth: { authServerMetadataUrl: "http://a" } },
      ".oauth.authServerMetadataUrl must begin with https://",
    ],
    [{ ...web, oauth: { scopes: "" } }, ".oauth.scopes is empty"],
    [{ ...web, headersHelper: "" }, ".headersHelper is empty"],
  ])("that is %j", (server, problem) => {
    expect(problemsOf(withServer(server))).toEqual([expect.stringContaining(`agents.a.mcp.x${problem}`)]);
  });

  test.each<readonly [string, Record<string, unknown>, string]>([
    ["cwd", { command: "x", cwd: "/" }, "a server starts in the workspace"],
    ["envFile", { command: "x", envFile: ".env" }, "write the variables under env"],
    ["transport", { ...web, transport: "http" }, 'is called "type" by Claude Code'],
    ["serverUrl", { type: "http", serverUrl: "https://a" }, 'is called "url" by Claude Code'],
    ["disabled", { command: "x", disabled: true }, "remove the server instead"],
    ["autoApprove", { command: "x", autoApprove: [] }, "asks for no approval in a bottle"],
    ["tools", { ...web, tools: [] }, "only from its SDK"],
    ["request_timeout_ms", { ...web, request_timeout_ms: 5 }, 'is called "timeout" by Claude Code'],
    ["oauth.clientSecret", { ...web, oauth: { clientSecret: "s" } }, "use a token under headers"],
    ["oauth.xaa", { ...web, oauth: { xaa: true } }, "a bottle does not have it"],
    ["tiemout", { ...web, tiemout: 5 }, 'is not a known key; did you mean "timeout"?'],
    ["whatever", { ...web, whatever: 5 }, "is not a known key; known here: type, command"],
  ])("for %s, with the reason", (key, server, reason) => {
    const problem = problemsOf(withServer(server)).find((one) => one.startsWith(`agents.a.mcp.x.${key} `));
    expect(problem).toContain(reason);
    expect(problem).not.toContain("https://a");
  });

  test("by the one name that Claude Code keeps for itself", () => {
    expect(problemsOf(withServer({ command: "x" }, "workspace"))).toEqual([
      "agents.a.mcp.workspace is a name that Claude Code reserves; choose another one",
    ]);
  });
});
