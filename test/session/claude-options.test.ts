import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { SessionWorld } from "../support/session/world.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
let world: SessionWorld;

/** Speaks as much of MCP as it takes to be connected, also by http, where it notes what it was sent and under which variables it runs */
const server = `
const answer = ({ id, method, params }) => {
  const result =
    method === "initialize"
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "t", version: "1" } }
      : { tools: [{ name: "measure", description: "x", inputSchema: { type: "object" } }] };
  return JSON.stringify({ jsonrpc: "2.0", id, result });
};
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.id !== undefined) console.log(answer(message));
});
require("http").createServer((request, response) => {
  const { authorization, "x-from": from } = request.headers;
  require("fs").writeFileSync("/tmp/seen", [authorization, from, process.env.OWN, process.argv[1]].join(" "));
  let body = "";
  request.on("data", (chunk) => (body += chunk)).on("end", () => {
    const message = body === "" ? {} : JSON.parse(body);
    if (message.id === undefined) return response.writeHead(request.method === "GET" ? 405 : 202).end();
    response.setHeader("content-type", "application/json");
    response.end(answer(message));
  });
}).listen(8099, "127.0.0.1");`;

const web = {
  type: "streamable-http",
  url: "${WHERE:-http://localhost:8099}/mcp",
  headers: { Authorization: "Bearer ${KEY}" },
  headersHelper: `sleep 2; echo '{"X-From":"helper"}'`,
  timeout: 60_000,
  alwaysLoad: true,
};

const manifest = {
  bottles: { plain: { env: { KEY: "of the bottle" }, egress: { private: ["api.anthropic.com"] } } },
  agents: {
    told: { bottle: "plain", prompt: "The manifest says so." },
    tester: {
      bottle: "plain",
      model: "claude-opus-4-8",
      arguments: ["--output-format", "stream-json", "--verbose"],
      settings: { env: { FROM_SETTINGS: "it is set" } },
      mcp: {
        ruler: {
          command: "${NODE:-node}",
          args: ["-e", server, "${WORD:-default}"],
          env: { OWN: "own ${KEY}" },
          alwaysLoad: true,
        },
        web,
      },
    },
  },
};

interface Event {
  readonly type: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly mcp_servers?: readonly { readonly name: string; readonly status: string }[];
  readonly result?: string;
}

describe.skipIf(typeof found === "string")("what the manifest says about claude", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine);
  });
  afterAll(() => world.end());

  test("reaches it: model, arguments, settings and the MCP servers, with their variables filled", async () => {
    const project = await world.makeProject("runc", manifest);
    // A workspace's own server would be started without a question
    const own = { mcpServers: { sneaky: { command: "sh", args: ["-c", "touch /tmp/sneaky; cat"] } } };
    await Bun.write(`${project.folder}/.mcp.json`, JSON.stringify(own));
    const prompt = 'run: echo "$FROM_SETTINGS"; ls /tmp/sneaky 2>/dev/null; ls .mcp.json; cat /tmp/seen';
    const result = await project.run(["run", "tester", "--cwd", "-p", prompt]);
    expect(result.exitCode).toBe(0);
    const events = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Event);
    const first = events.find((event) => event.type === "system");
    expect(first?.model).toBe("claude-opus-4-8");
    expect(first?.mcp_servers).toEqual([
      expect.objectContaining({ name: "ruler", status: "connected" }),
      expect.objectContaining({ name: "web", status: "connected" }),
      expect.objectContaining({ name: "bottle", status: "connected" }),
    ]);
    expect(first?.tools).toContain("mcp__ruler__measure");
    expect(first?.tools).toContain("mcp__web__measure");
    const seen = "Bearer of the bottle helper own of the bottle default";
    expect(events.at(-1)?.result).toBe(`The command printed: it is set\n.mcp.json\n${seen}`);
    expect(result.stderr).toContain("  model      claude-opus-4-8");
    expect(await world.leftovers()).toEqual([]);
  });

  test("has a tool that asks the user, in a bottle without servers of the manifest too", async () => {
    const project = await world.makeProject("runc", manifest);
    const asking = project.run(["run", "told", "-p", "ask: npm.example.org"]);
    const isAsked = async () => (await project.run(["list"])).stdout.includes("asks for 1 host");
    while (!(await isAsked())) await Bun.sleep(200);
    expect((await project.run(["allow", "told", "npm.example.org"])).exitCode).toBe(0);
    const { stdout, stderr } = await asking;
    expect(stdout.trim()).toBe("The command printed: npm.example.org:443 is allowed. Try again now.");
    expect(stderr).toMatch(
      /told-\w+ asks for npm\.example\.org: claude-bottle allow told-\w+ npm\.example\.org/,
    );
  });

  test("tells claude where it is and what its user would type, in front of what the manifest adds", async () => {
    const project = await world.makeProject("runc", manifest);
    const ask = async (words: string, ...more: string[]) =>
      (await project.run(["run", "told", "-p", `told: ${words}`, ...more])).stdout.trim();
    expect(await ask("claude-bottle allow")).toMatch(/^claude-bottle allow told-[a-z0-9]+ HOST$/);
    expect(await ask("api.anthropic.com:443")).toContain("api.anthropic.com:443 (TLS, private)");
    expect(await ask("The manifest says")).toBe("The manifest says so.");
    // Beside words of the user's own, which claude takes too
    expect(await ask("My own", "--", "--append-system-prompt", "My own words.")).toBe("My own words.");
    expect(await ask("claude-bottle allow", "--", "--append-system-prompt", "x")).toContain("HOST");
  });

  test("describes a block as the tools in the bottle show it", async () => {
    const project = await world.makeProject("runc", manifest);
    const url = "https://blocked.invalid";
    const fetchIt = `fetch('${url}').catch((e) => console.log(e.message, e.cause?.message))`;
    const commands = [
      `curl -sS ${url}`,
      `git ls-remote ${url}/x.git`,
      `npm view x --registry ${url} --fetch-retries 0`,
      `node -e "${fetchIt}"`,
      `curl -sv ${url} 2>&1 | grep -i x-claude-bottle`,
    ];
    const prompt = `run: (${commands.join("; ")}) 2>&1; true`;
    const { stdout } = await project.run(["run", "told", "-p", prompt]);
    expect(stdout).toContain("curl: (56) CONNECT tunnel failed, response 403");
    expect(stdout).toMatch(/fatal: unable to access .*CONNECT tunnel failed, response 403/);
    expect(stdout).toMatch(/npm error .*403 Forbidden/);
    expect(stdout).toMatch(/Request was cancelled|Proxy response \(403\)/);
    expect(stdout).toMatch(/< X-Claude-Bottle: refused; code=not-allowed/i);
    expect(await world.leftovers()).toEqual([]);
  });
});
