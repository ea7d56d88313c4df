import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readFrames } from "../support/container-output.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { echoServer } from "../support/inspect/echo-server.ts";
import { sayByWebSocket } from "../support/inspect/gate-clients.ts";
import { makeUp, put, withChecksum } from "../support/inspect/made-up.ts";
import { rawRequests } from "../support/raw-requests.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { buildTrustingImage } from "../support/session/trusting-image.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { makeTestAuthority } from "../support/test-authority.ts";

// Needs: openssl
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

const m = makeUp(23);
const foreign = put("gh", "p_", withChecksum(m.alnum(30)));
const own = m.alnum(40);
const ruled = "ruled.test";
/** Allowed whole: the control of every wall */
const whole = "whole.test";
/** Allowed once the bottle runs */
const late = "late.test";
/** Has rules, and a secret is bound to it */
const bound = "bound.test";
const rules = [
  "GET /repos/acme/**",
  "POST /repos/acme/shop/pulls",
  "POST /graphql query(viewer,repository)",
  "WEBSOCKET /live",
];

describe.skipIf(base === undefined).each(runtimes)("rules of a host under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  const servers = new Map<string, string>();

  beforeAll(async () => {
    run = beginTestRun(engine);
    const authority = await makeTestAuthority([ruled, whole, bound, late]);
    one = await launchShellSession(run, {
      private: [ruled, whole, bound],
      ruled: [
        { host: ruled, allow: rules },
        { host: bound, allow: ["* /api/**"], account: "required" },
      ],
      secrets: [{ name: "BOUND_KEY", value: own, hosts: [bound] }],
      runtime,
      image: await buildTrustingImage(engine, {
        base: base ?? "",
        tag: run.name(`rules-${runtime}`),
        ca: authority.ca,
        labels: run.labels,
      }),
    });
    for (const name of [ruled, whole, bound, late]) {
      const environment = { Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`] };
      const id = await one.addServer(name, { Cmd: ["node", "-e", echoServer], ...environment });
      await awaitListening(engine, id);
      servers.set(name, id);
    }
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  const say = async (command: string) => (await one.say(command)).output.trim();
  const curl = (words: string) => say(`curl -sS -m 60 ${words}`);
  const status = (words: string) => curl(`-o /dev/null -w '%{http_code}' --path-as-is ${words}`);
  const came = async (name: string) => {
    const { stdout } = await readFrames(readLogs(engine, servers.get(name) ?? "", { follow: false }));
    return stdout.split("\n").filter((line) => line.startsWith("came "));
  };
  const raw = async (host: string, requests: readonly string[]) => {
    const program = rawRequests(host).replaceAll("'", `'\\''`);
    const output = await say(`node --no-warnings -e '${program}' '${JSON.stringify(requests)}'`);
    return JSON.parse(output) as [string, string][];
  };
  const refused = async () => {
    const log = readLogs(engine, await one.container("gate"), { follow: false });
    const { stdout } = await readFrames(log);
    return stdout
      .split("\n")
      .flatMap((line) => (line.includes('"request"') ? [JSON.parse(line) as Record<string, unknown>] : []));
  };

  test("opens a host with rules, and no other", async () => {
    const issuer = (host: string) =>
      say(`openssl s_client -proxy gate:8888 -connect ${host}:443 </dev/null 2>/dev/null | grep ^issuer`);
    expect(await issuer(ruled)).toContain("claude-bottle inspection CA");
    expect(await issuer(whole)).toContain("test authority");
  });

  test("allows what a rule names and refuses the rest, in words that name the way on", async () => {
    expect(await curl(`https://${ruled}/repos/acme/shop?state=open`)).toContain(
      '"url":"/repos/acme/shop?state=open"',
    );
    expect(await curl(`-d a=1 https://${ruled}/repos/acme/shop/pulls`)).toContain('"bytes":3');
    const before = (await came(ruled)).length;
    const answer = await curl(`-w '%{http_code}' -X DELETE https://${ruled}/repos/acme/shop`);
    expect(answer).toEndWith("403");
    expect(answer).toContain("no rule of the host allows DELETE /repos/acme/shop.");
    expect(answer).toContain(`claude-bottle allow BOTTLE 'METHOD ${ruled}/PATH'`);
    expect(await refused()).toContainEqual(
      expect.objectContaining({
        host: ruled,
        verdict: "refused",
        code: "rule",
        request: "DELETE /repos/acme/shop",
      }),
    );
    expect(await came(ruled)).toHaveLength(before);
    // The control
    expect(await status(`-X DELETE https://${whole}/repos/acme/shop`)).toBe("200");
  });

  test.each([
    "/repos/acme/../evil/shop",
    "/repos/acme/%2e%2e/evil/shop",
    "/repos/acme/..%2fevil",
    "/repos/acme/%252e%252e/evil",
    "/repos/acme//../evil",
    "/repos/acme/..;/evil",
    "/repos/acme/%5c..%5cevil",
    "/repos/acme/x%00",
    "/repos/ACME/shop",
    "/other",
  ])("lets no spelling out of its path: %s", async (path) => {
    const count = (await came(ruled)).length;
    expect(await status(`'https://${ruled}${path}'`)).toBe("403");
    expect(await came(ruled)).toHaveLength(count);
    expect(await status(`'https://${whole}${path}'`)).toBe("200");
  });

  test("decides every request of a kept connection, and what stands in a request's other places", async () => {
    const get = (path: string, more = "", host = ruled) =>
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
    const statuses = async (host: string, requests: readonly string[]) =>
      (await raw(host, requests)).map(([code]) => code);
    expect(await statuses(ruled, [get("/repos/acme/a"), get("/repos/acme/b"), get("/evil")])).toEqual([
      "200",
      "200",
      "403",
    ]);
    const whenWhole = (path: string) => get(path, "", whole);
    expect(await statuses(whole, [whenWhole("/repos/acme/a"), whenWhole("/evil")])).toEqual(["200", "200"]);
    const odd = {
      "another host": `GET /repos/acme/a HTTP/1.1\r\nHost: ${whole}\r\n\r\n`,
      "a whole address": get(`https://${ruled}/repos/acme/a`),
      "another host's address": get(`https://${whole}/repos/acme/a`),
      "no host": "GET /repos/acme/a HTTP/1.0\r\n\r\n",
      "another method": get("/repos/acme/a", "X-HTTP-Method-Override: DELETE\r\n"),
      "another method in Rails": get("/repos/acme/a?_method=DELETE"),
      "another address": get("/repos/acme/a", "X-Original-URL: /evil\r\n"),
      "another address by CGI": get("/repos/acme/a", "X_Rewrite_URL: /evil\r\n"),
      "two lengths": `POST /repos/acme/shop/pulls HTTP/1.1\r\nHost: ${ruled}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    };
    const before = (await came(ruled)).length;
    for (const [what, request] of Object.entries(odd)) {
      const [code] = await statuses(ruled, [request]);
      expect([what, ["400", "403", "421", "closed"].includes(code ?? "") ? "refused" : code]).toEqual([
        what,
        "refused",
      ]);
    }
    expect(await came(ruled)).toHaveLength(before);
  });

  test("reads GraphQL, and allows queries that begin with named fields", async () => {
    const ask = (body: unknown, host = ruled, words = "") =>
      status(
        `-H 'Content-Type: application/json' ${words} -d '${typeof body === "string" ? body : JSON.stringify(body)}' https://${host}/graphql`,
      );
    expect(await ask({ query: "query A { viewer { login } }" })).toBe("200");
    expect(await ask([{ query: "{ viewer { login } }" }, { query: "{ repository(owner: 1) { id } }" }])).toBe(
      "200",
    );
    const refusedBodies: unknown[] = [
      { query: 'mutation { deleteRepo(id: "1") { id } }' },
      { query: "{ viewer: organization { id } }" },
      { query: "query A { viewer { id } } mutation B { deleteRepo { id } }", operationName: "A" },
      [{ query: "{ viewer { login } }" }, { query: "mutation { a }" }],
      { id: "stored" },
      '{"query":"{ viewer { id } }","query":"mutation { a }"}',
      '{"query":"{ viewer { id } }","Query":"mutation { a }"}',
      "mutation { a }",
    ];
    for (const body of refusedBodies) {
      expect(await ask(body)).toBe("403");
      expect(await ask(body, whole)).toBe("200");
    }
    expect(await status(`'https://${ruled}/graphql?query=%7Bviewer%7Bid%7D%7D'`)).toBe("403");
  });

  test("opens a WebSocket only where a rule says so", async () => {
    const program = (path: string) =>
      sayByWebSocket(ruled).replace("GET /ws ", `GET ${path} `).replaceAll("'", `'\\''`);
    expect(await say(`node --no-warnings -e '${program("/live")}' hello`)).toContain("101 Switching");
    expect(await say(`node --no-warnings -e '${program("/repos/acme/live")}' hello`)).toContain(
      "403 Forbidden",
    );
  });

  test("takes no stranger's credential", async () => {
    const at = (host: string, words: string) => status(`${words} https://${host}/repos/acme/shop`);
    expect(await at(ruled, "")).toBe("200");
    for (const words of [
      `-H 'Authorization: Bearer ${foreign}'`,
      `-H 'Authorization: token ${foreign}'`,
      `-u x:${foreign}`,
      `-u ${foreign}:`,
      `-H 'Private-Token: abc'`,
      `-H 'X-Api-Key: abc'`,
      `-H 'X_Api_Key: abc'`,
      `-H 'Cookie: user_session=abc'`,
      `-G -d access_token=abc`,
      `-G -d note=${foreign}`,
    ]) {
      expect([words, await at(ruled, words)]).toEqual([words, "403"]);
      expect([words, await at(whole, words)]).toEqual([words, "200"]);
    }
  });

  test("takes this bottle's own credential, and none where it is required", async () => {
    const at = (words: string, path = "/api/x") => status(`${words} https://${bound}${path}`);
    expect(await at('-H "Authorization: Bearer $BOUND_KEY"')).toBe("200");
    expect(await at('-u "x-access-token:$BOUND_KEY"')).toBe("200");
    expect(await at("")).toBe("403");
    expect(await at(`-H 'Authorization: Bearer ${foreign}'`)).toBe("403");
    expect(await at(`-u "${foreign}:$BOUND_KEY"`)).toBe("403");
    expect(await at('-H "Authorization: Bearer $BOUND_KEY"', "/admin")).toBe("403");
    expect(await came(bound)).toHaveLength(2);
  });

  test("is allowed one request more while it runs, and on connections that are open already", async () => {
    const allow = (host: string, rule: string) =>
      one.bottles.allow({ session: one.plan.session, host, rule, isPrivate: false, forMs: undefined });
    const begin = (await came(ruled)).length;
    const request = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: ${ruled}\r\n\r\n`;
    const wanted = request("DELETE", "/repos/acme/old");
    expect((await raw(ruled, [wanted])).map(([code]) => code)).toEqual(["403"]);
    const { pairs } = await allow(ruled, "DELETE /repos/acme/old");
    expect(pairs).toEqual([`${ruled}:443`]);
    const sent = await raw(ruled, [
      wanted,
      request("GET", "/repos/acme/x"),
      request("DELETE", "/repos/acme/new"),
    ]);
    expect(sent.map(([code]) => code)).toEqual(["200", "200", "403"]);
    expect(await came(ruled)).toHaveLength(begin + 2);
    // Of a host that is allowed whole no part can be allowed, and what is named nowhere gets its first rule
    expect(await allow(whole, "GET /x").catch((error: Error) => error.message)).toContain(
      "may reach all of it",
    );
    await one.bottles.allow({
      session: one.plan.session,
      host: late,
      rule: "GET /late/**",
      isPrivate: true,
      forMs: undefined,
    });
    expect(await status(`https://${late}/late/x`)).toBe("200");
    expect(await status(`https://${late}/other`)).toBe("403");
    await one.bottles.undo({ session: one.plan.session, host: ruled });
    expect((await raw(ruled, [wanted])).map(([code]) => code)).toEqual(["403"]);
  });
});
