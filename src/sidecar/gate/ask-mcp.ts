/** The asking as a tool by the Model Context Protocol, over HTTP and without a session: there is one tool, and it keeps nothing. */
import { askedProtocols } from "../../protocol/gate.ts";
import type { AskAnswer } from "./asks.ts";

export type McpOutcome =
  /** A notification: nothing is said */
  | { readonly kind: "none" }
  | { readonly kind: "answer"; readonly answer: object }
  /** The tool was called with these, and its answer is made into a message */
  | { readonly kind: "ask"; readonly fields: unknown; readonly finish: (answer: AskAnswer) => object };

const newestVersion = "2025-06-18";
const toolName = "request_host";
const tool = {
  name: toolName,
  description:
    "Ask the user to let this bottle reach a host that is blocked, and wait for the answer. Use it when a request was refused by the bottle's policy and the work needs the host. The user reads the host and your reason, and may allow or block it.",
  inputSchema: {
    type: "object",
    properties: {
      host: {
        type: "string",
        description:
          "One exact host name, such as registry.example.com, with :PORT after it unless it is 443; no address, no pattern",
      },
      kind: {
        type: "string",
        enum: askedProtocols,
        description:
          "What is spoken there: tls (https, the default), http (plain, the default on port 80), tcp (anything else)",
      },
      reason: { type: "string", description: "What you need it for, in one short line" },
    },
    required: ["host", "reason"],
    additionalProperties: false,
  },
};

/** `message` is hostile. */
export function answerMcp(message: unknown): McpOutcome {
  const { jsonrpc, id, method, params } = asFields(message);
  const isRequest = typeof id === "string" || typeof id === "number";
  if (jsonrpc !== "2.0" || typeof method !== "string")
    return fail(isRequest ? id : null, -32_600, "not a JSON-RPC request");
  if (!isRequest) return { kind: "none" };
  const answer = (result: object): McpOutcome => ({ kind: "answer", answer: { jsonrpc: "2.0", id, result } });
  switch (method) {
    case "initialize":
      return answer({
        protocolVersion: readVersion(asFields(params)["protocolVersion"]),
        capabilities: { tools: {} },
        serverInfo: { name: "claude-bottle", version: "1" },
      });
    case "ping":
      return answer({});
    case "tools/list":
      return answer({ tools: [tool] });
    case "tools/call":
      return callTool(id, asFields(params));
    default:
      return fail(id, -32_601, "no such method");
  }
}

function callTool(id: string | number, params: Readonly<Record<string, unknown>>): McpOutcome {
  if (params["name"] !== toolName) return fail(id, -32_602, "no such tool");
  return {
    kind: "ask",
    fields: { ...asFields(params["arguments"]), wait: undefined },
    finish: ({ verdict, message }) => ({
      jsonrpc: "2.0",
      id,
      result: {
        content: [{ type: "text", text: message }],
        isError: verdict === "blocked" || verdict === "refused",
      },
    }),
  };
}

/** What the client speaks, if it says so in a form that is one. */
function readVersion(asked: unknown): string {
  return typeof asked === "string" && /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : newestVersion;
}

function fail(id: string | number | null, code: number, message: string): McpOutcome {
  return { kind: "answer", answer: { jsonrpc: "2.0", id, error: { code, message } } };
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
