import { describe, expect, test } from "bun:test";
import { Secret } from "../../../src/core/secret.ts";
import type { McpServer } from "../../../src/manifest/mcp-schema.ts";
import { fillDefaults, warnOfServers } from "../../../src/plan/mcp-hosts.ts";
import type { BottlePlan, EnvPlan } from "../../../src/plan/plan.ts";
import { aPlan, aSource } from "../../support/manifests.ts";

const source = aSource();
const env: readonly EnvPlan[] = [
  { name: "ASKED", kind: "prompt", question: "?", source },
  { name: "COPIED", kind: "variable", variable: "X", source },
  { name: "GIVEN", kind: "literal", value: new Secret("https://given.example"), source },
  { name: "GRANTED", kind: "literal", value: new Secret("https://api.example"), source },
];
const destination = (host: string, port: number, protocol: "tls" | "ssh" | "http") => ({
  host,
  port,
  protocol,
  isPrivate: false,
  isInspected: false,
  origin: { kind: "manifest" as const, source },
});
const destinations = [
  destination("api.example", 443, "tls"),
  destination("*.wide.example", 443, "tls"),
  destination("git.example", 22, "ssh"),
  destination("plain.example", 80, "http"),
];

function aPlanWith(server: McpServer): BottlePlan {
  const claude = { model: undefined, arguments: [], settings: undefined, mcp: { x: server } };
  return aPlan({ agent: { ...aPlan().agent, claude }, env, egress: { ...aPlan().egress, destinations } });
}
const warn = (server: McpServer) => warnOfServers(aPlanWith(server));
const at = (url: string, type: McpServer["type"] = "http") => warn({ type, url });

describe("an MCP server is told of that cannot be reached", () => {
  test.each([
    "https://api.example/mcp",
    "https://API.example:443/mcp",
    "https://a.wide.example/mcp",
    "wss://api.example/socket",
    "http://plain.example/mcp",
    "http://localhost:8080/mcp",
    "ws://127.0.0.1:1/x",
    "http://[::1]:1/x",
    "${NONE:-https://api.example}/mcp",
    "${GRANTED}/mcp",
    "${GRANTED:-https://other.example}/mcp",
    // Known at the launch
    "${ASKED}/mcp",
    "https://${COPIED}/mcp",
    "https://${COPIED:-other.example}/mcp",
    "https://api.example/${ASKED}?${COPIED}",
  ])("but not %s", (url) => {
    expect(at(url)).toEqual([]);
  });

  test.each([
    ["https://other.example/mcp", "other.example:443 is not allowed"],
    ["https://api.example:8443/mcp", "api.example:8443 is not allowed"],
    ["http://api.example/mcp", "api.example:80 is not allowed"],
    ["https://plain.example/mcp", "plain.example:443 is not allowed"],
    ["https://git.example:22/mcp", "git.example:22 is not allowed"],
    ["${NONE:-https://other.example}/mcp", "other.example:443 is not allowed"],
    ["https://other.example/${ASKED}", "the host of its url is not allowed"],
    ["ws://api.example/x", "ws:// goes without TLS, which the gate does not let through; use wss://"],
    ["https://:1", "its url is not an address"],
  ])("as %s", (url, problem) => {
    expect(at(url)).toEqual([`MCP server "x" cannot be reached: ${problem}`]);
  });

  test("without showing what env says", () => {
    expect(at("${GIVEN}/mcp")).toEqual([
      'MCP server "x" cannot be reached: the host of its url is not allowed',
    ]);
  });

  test("where its sign-in leads elsewhere", () => {
    const oauth = { authServerMetadataUrl: "https://login.example/meta" };
    expect(warn({ type: "http", url: "https://api.example", oauth })).toEqual([
      'MCP server "x" cannot be reached: login.example:443 is not allowed',
    ]);
  });
});

describe("a variable that the bottle does not have is told", () => {
  test("once, wherever it stands", () => {
    const missing = "${NONE}, which is not under env of this bottle: claude takes it as it is written";
    for (const server of [
      { command: "${NONE}" },
      { command: "a", args: ["${NONE}", "x${NONE}"] },
      { command: "a", env: { A: "${NONE}" } },
      { type: "http" as const, url: "https://api.example/${NONE}" },
      { type: "http" as const, url: "${NONE}/mcp" },
      { type: "http" as const, url: "https://api.example", headers: { A: "Bearer ${NONE}" } },
    ])
      expect(warn(server)).toEqual([`MCP server "x" uses ${missing}`]);
  });

  test("unless it has a default, or is in every bottle", () => {
    expect(warn({ command: "${HOME}/x", args: ["${NONE:-y}", "${ASKED}"], env: { P: "${PATH}" } })).toEqual(
      [],
    );
  });
});

describe("fillDefaults()", () => {
  test("gives the address with what this bottle does not have by its default", () => {
    const plan = aPlanWith({ command: "x" });
    expect(fillDefaults(plan, "https://api.example")).toBeUndefined();
    expect(fillDefaults(plan, "${NONE:-https://api.example}/${ASKED:-a}")).toBe(
      "https://api.example/${ASKED}",
    );
    expect(fillDefaults(plan, "${GIVEN}/mcp")).toBeUndefined();
  });
});
