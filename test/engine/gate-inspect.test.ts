import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readFrames } from "../support/container-output.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { echoServer } from "../support/inspect/echo-server.ts";
import { readEvents, sayByWebSocket } from "../support/inspect/gate-clients.ts";
import { makeKeepAlive } from "../support/inspect/tool-server.ts";
import { makeUp, put, withChecksum } from "../support/inspect/made-up.ts";
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

const m = makeUp(11);
const token = put("gh", "p_", withChecksum(m.alnum(30)));
const allowedToken = put("gl", "pat-", m.base64url(15));
const own = `${m.alnum(30)}/+=`;
const inspected = "inspected.test";
const opaque = "opaque.test";
/** Inspected, and a secret is bound to it */
const both = "both.test";
const bound = m.alnum(40);

describe.skipIf(base === undefined).each(runtimes)("egress.inspect by the gate under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  const servers = new Map<string, string>();

  beforeAll(async () => {
    run = beginTestRun(engine);
    const authority = await makeTestAuthority([inspected, opaque, both]);
    one = await launchShellSession(run, {
      private: [inspected, opaque, both],
      inspect: [{ host: inspected, allow: ["gitlab-token"] }, both],
      secrets: [
        { name: "APP_KEY", value: own, hosts: [] },
        { name: "BOTH_KEY", value: bound, hosts: [both] },
      ],
      runtime,
      image: await buildTrustingImage(engine, {
        base: base ?? "",
        tag: run.name(`looking-${runtime}`),
        ca: authority.ca,
        labels: run.labels,
      }),
    });
    for (const name of [inspected, opaque, both]) {
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
  const node = (program: string, word = "") =>
    say(`node --no-warnings -e '${program.replaceAll("'", `'\\''`)}' '${word}'`);
  const lines = async (name: string, start: string) => {
    const { stdout } = await readFrames(readLogs(engine, servers.get(name) ?? "", { follow: false }));
    return stdout.split("\n").filter((line) => line.startsWith(start));
  };
  const findings = async () => {
    const log = readLogs(engine, await one.container("gate"), { follow: false });
    const { stdout } = await readFrames(log);
    return stdout
      .split("\n")
      .flatMap((line) => (line.includes('"finding"') ? [JSON.parse(line) as Record<string, unknown>] : []));
  };

  test("opens the inspected host with the bottle's own CA, and no other", async () => {
    const issuer = (host: string) =>
      say(`openssl s_client -proxy gate:8888 -connect ${host}:443 </dev/null 2>/dev/null | grep ^issuer`);
    expect(await issuer(inspected)).toContain("claude-bottle inspection CA");
    // The control: of a host that is not listed the agent sees the server's own certificate
    expect(await issuer(opaque)).toContain("test authority");
  });

  test.each([
    ["header", (value: string, part: string) => `-H 'X-Note: ${value}' https://HOST/${part}`],
    ["query", (value: string, part: string) => `'https://HOST/${part}?a=1&k=${value}'`],
    [
      "JSON",
      (value: string, part: string) =>
        `-H 'Content-Type: application/json' -d '{"a":{"b":"${value}"}}' https://HOST/${part}`,
    ],
    ["form part", (value: string, part: string) => `-F 'a=${value}' https://HOST/${part}`],
    [
      "body without a length",
      (value: string, part: string) =>
        `-H 'Transfer-Encoding: chunked' -d 'x ${value} y' https://HOST/${part}`,
    ],
  ])("blocks a token in a %s, and lets it through where nobody looks", async (where, words) => {
    const part = where.replaceAll(" ", "-");
    const came = () =>
      lines(inspected, "came ").then((all) => all.filter((line) => line.includes(`/${part}`)));
    const blocked = await curl(`-w '%{http_code}' ${words(token, part).replace("HOST", inspected)}`);
    expect(blocked).toContain("github-token");
    expect(blocked.replaceAll('\\"', '"')).toContain('"allow": ["github-token"]');
    expect(blocked).toEndWith("403");
    // The controls: the same without the token, and the same to a host that is not opened
    expect(await curl(words("harmless", part).replace("HOST", inspected))).toContain('"method"');
    // The engine may be slow to show what the server has printed. What was blocked would stand in front of it
    while ((await came()).length === 0) await Bun.sleep(50);
    expect(await came()).toHaveLength(1);
    expect(await curl(words(token, part).replace("HOST", opaque))).toContain('"method"');
  });

  test("blocks the bottle's own secret, encoded and in parts, and lets through what the manifest allows", async () => {
    const encoded = Buffer.from(`a ${own} b`).toString("base64");
    expect(await curl(`-d 'd=${encoded}' https://${inspected}/`)).toContain("env:APP_KEY");
    expect(await curl(`'https://${inspected}/?p=${encodeURIComponent(own.slice(0, 17))}'`)).toContain(
      '"method"',
    );
    expect(await curl(`'https://${inspected}/?q=${encodeURIComponent(own.slice(17))}'`)).toContain(
      "env:APP_KEY",
    );
    expect(await curl(`-H 'Private-Token: ${allowedToken}' https://${inspected}/`)).toContain(allowedToken);
    expect(await findings()).toContainEqual(
      expect.objectContaining({ rule: "gitlab-token", verdict: "allowed", where: "header private-token" }),
    );
  });

  test("puts a bound secret in at an inspected host, and looks at what else is sent there", async () => {
    const hash = new Bun.CryptoHasher("sha256").update(`Bearer ${bound}`).digest("hex");
    const ask = (words: string) => curl(`-H "Authorization: Bearer $BOTH_KEY" ${words}`);
    const sent = [
      `https://${both}/none`,
      `-d 'a=1' https://${both}/small`,
      `-H 'Transfer-Encoding: chunked' -d 'a=2' https://${both}/chunked`,
    ];
    for (const words of sent) expect(await ask(words)).not.toContain(bound);
    expect(await lines(both, "authorized ")).toEqual(
      ["none", "small", "chunked"].map((path) => `authorized /${path} ${hash}`),
    );
    const came = await lines(both, "came ");
    expect(came).toEqual(["came GET /none 0", "came POST /small 3", "came POST /chunked 3"]);
    expect(await ask(`-H 'X-Note: ${token}' https://${both}/leak`)).toContain("github-token");
    expect(await ask(`-d 'k=${token}' https://${both}/leak`)).toContain("github-token");
    expect(await ask(`-d '${Buffer.from(own).toString("hex")}' https://${both}/leak`)).toContain(
      "env:APP_KEY",
    );
    const late = `-w '%{http_code}' -H 'Transfer-Encoding: chunked' -d 'k=${token}' https://${both}/leak`;
    expect(await ask(late)).toEndWith("403");
    expect(await lines(both, "came ")).toEqual(came);
  });

  test("stops a long body at a secret, resets the host, and says so", async () => {
    await say(
      `head -c 6000000 /dev/zero | tr '\\0' 'y' > /tmp/long; echo ' ${token} ' >> /tmp/long; head -c 3000000 /dev/zero | tr '\\0' 'z' >> /tmp/long`,
    );
    const answer = await curl(`-w '%{http_code}' -T /tmp/long https://${inspected}/long`);
    expect(answer).toContain("github-token");
    expect(answer).toEndWith("403");
    // The host sees its end after the agent has read why
    let reset: string[];
    do reset = await lines(inspected, "reset /long ");
    while (reset.length === 0);
    expect(Number(reset[0]?.split(" ")[2])).toBeLessThan(6_000_001);
    // The connection is good for more
    const again = `-T /tmp/long https://${inspected}/long -o /dev/null https://${inspected}/after`;
    expect(await curl(again)).toContain('"/after"');
  });

  test("tells of it where egress reads, without the secret", async () => {
    const told = await findings();
    expect(told.map((event) => event["rule"])).toContain("github-token");
    expect(told).toContainEqual(
      expect.objectContaining({ where: "body $.a.b", host: inspected, verdict: "blocked" }),
    );
    expect(JSON.stringify(told)).not.toContain(token.slice(4, 20));
    expect(JSON.stringify(told)).not.toContain(own);
  });

  test("fails no kept-alive client in 1,000 requests", async () => {
    expect(await node(makeKeepAlive(inspected, 1_000))).toBe("failed 0");
  });

  test("passes an event at once", async () => {
    expect(await node(readEvents(inspected))).toBe(JSON.stringify(["data: first\n\n", "data: last\n\n"]));
  });

  test("changes neither a picture that comes nor one that goes", async () => {
    const shown = await curl(`-D /tmp/head -o /tmp/picture https://${inspected}/picture; cat /tmp/head`);
    expect(shown).toContain("content-length: 300000");
    expect(shown).toContain('ETag: "a"');
    const sum = (await say("sha256sum /tmp/picture")).slice(0, 64);
    expect(await curl(`-T /tmp/picture https://${inspected}/up`)).toContain(
      `"bytes":300000,"sha256":"${sum}"`,
    );
    expect(await curl(`-o /tmp/other https://${opaque}/picture; sha256sum /tmp/other`)).toStartWith(sum);
  });

  test("passes headers in their order and case", async () => {
    const answer = await curl(`-i -H 'X-Second: 2' -H 'x-First: 1' https://${inspected}/`);
    expect(answer).toContain('"X-Second","2","x-First","1"');
    expect(answer).toContain("X-Odd-Case: Kept");
  });

  test("speaks HTTP/1.1 to clients that would rather have HTTP/2, and says no to those that know nothing else", async () => {
    const version = (words: string) => curl(`-o /dev/null -w '%{http_version}' ${words}`);
    expect(await version(`--http2 https://${inspected}/`)).toBe("1.1");
    const offer = (host: string, names: string) =>
      say(`openssl s_client -proxy gate:8888 -connect ${host}:443 -alpn ${names} </dev/null 2>&1`);
    expect(await offer(inspected, "h2,http/1.1")).toContain("ALPN protocol: http/1.1");
    expect(await offer(inspected, "h2")).toContain("no application protocol");
  });

  test("passes WebSockets, and ends one that sends a secret", async () => {
    const start = ["HTTP/1.1 101 Switching Protocols", "answer"];
    expect((await node(sayByWebSocket(inspected), "harmless")).split("\n")).toEqual([...start, "answer"]);
    expect((await node(sayByWebSocket(inspected), token)).split("\n")).toEqual([...start, "closed"]);
  });
});
