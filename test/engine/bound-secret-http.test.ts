import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginBoundWorld, boundHost, otherHost, realValue } from "../support/bound-server.ts";
import type { BoundWorld } from "../support/bound-server.ts";
import { readFrames } from "../support/container-output.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";

// Needs: openssl
setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

/** Speaks raw HTTP in the bottle's TLS to the bound host, and prints what comes back. */
const rawClient = `const [host, text] = process.argv.slice(1);
const socket = require("net").connect(8888, "gate", () => socket.write("CONNECT " + host + ":443 HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", () => {
  const secure = require("tls").connect({ socket, servername: host }, () => secure.write(JSON.parse('"' + text + '"')));
  secure.on("data", (data) => process.stdout.write(data)).on("error", () => {}).on("close", () => process.exit());
  setTimeout(() => process.exit(), 700);
});`;

/** Prints who signed the certificate that a host shows in the bottle. */
const issuer = (host: string) =>
  `openssl s_client -proxy gate:8888 -connect ${host}:443 </dev/null 2>/dev/null | grep ^issuer`;

describe.skipIf(base === undefined).each(runtimes)("a bound secret under %s", (runtime) => {
  let run: TestRun;
  let world: BoundWorld;

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await beginBoundWorld(run, { runtime, base: base ?? "" });
  });
  afterAll(async () => {
    await world?.session.bottle.destroy();
    await run.end();
  });

  const say = async (command: string) => (await world.session.say(command)).output;
  const curl = (words: string) => say(`curl -sS ${words}`);
  const last = async (host?: string) => (await world.seen(host)).at(-1);
  const raw = (text: string) =>
    say(`node --no-warnings -e '${rawClient.replaceAll("'", `'\\''`)}' ${boundHost} '${text}'`);

  test("is a placeholder in the bottle and the real value at its host", async () => {
    expect(world.placeholder).toMatch(/^cb-secret-git-token-[0-9a-f]{24}$/);
    const answer = await curl(`-H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/`);
    expect((await last())?.headers["authorization"]).toBe(`Bearer ${realValue}`);
    expect(answer).toContain(`Bearer ${world.placeholder}`);
    expect(answer).not.toContain(realValue);
    expect(answer).not.toContain(Buffer.from(`user:${realValue}`).toString("base64"));
  });

  test.each([
    ["user name of Basic", '-u "$GIT_TOKEN:"', "authorization", `Basic ${btoa(`${realValue}:`)}`],
    ["password of Basic", '-u "me:$GIT_TOKEN"', "authorization", `Basic ${btoa(`me:${realValue}`)}`],
    ["scheme of its own", '-H "Authorization: token $GIT_TOKEN"', "authorization", `token ${realValue}`],
    ["no scheme", '-H "Authorization: $GIT_TOKEN"', "authorization", realValue],
    ["x-api-key", '-H "x-api-key: $GIT_TOKEN"', "x-api-key", realValue],
    ["private-token", '-H "PRIVATE-TOKEN: $GIT_TOKEN"', "private-token", realValue],
  ])("is put in: %s", async (_name, words, header, wanted) => {
    expect(await curl(`${words} https://${boundHost}/`)).not.toContain(realValue);
    expect((await last())?.headers[header]).toBe(wanted);
  });

  test.each([
    ["address", (token: string) => `'https://${boundHost}/?t=${token}'`],
    ["cookie", (token: string) => `-H 'Cookie: a=${token}' https://${boundHost}/`],
    ["other header", (token: string) => `-H 'X-Other: ${token}' https://${boundHost}/`],
    ["part of a credential", (token: string) => `-H 'Authorization: Bearer x${token}' https://${boundHost}/`],
    ["body", (token: string) => `--data 't=${token}' https://${boundHost}/`],
  ])("stays a placeholder elsewhere: %s", async (_name, words) => {
    await curl(words(world.placeholder));
    const seen = JSON.stringify(await last());
    expect(seen).toContain(world.placeholder);
    expect(seen).not.toContain(realValue);
  });

  test("stays a placeholder at another host, whose TLS nobody opens", async () => {
    await curl(`-H "Authorization: Bearer $GIT_TOKEN" https://${otherHost}/`);
    expect((await last(otherHost))?.headers["authorization"]).toBe(`Bearer ${world.placeholder}`);
    expect(await say(issuer(otherHost))).toContain("test authority");
    // The control: that of its own host the gate opens
    expect(await say(issuer(boundHost))).toContain("claude-bottle");
  });

  test.each(["/split", "/gzip", "/br", "/deflate", "/zstd", "/head", "/events"])(
    "is taken out of what comes back: %s",
    async (path) => {
      const answer = await curl(`-i -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}${path}`);
      expect((await last())?.headers["authorization"]).toBe(`Bearer ${realValue}`);
      expect(answer).toContain(world.placeholder);
      expect(decodeURIComponent(answer.replaceAll("%", "%25"))).not.toContain(realValue);
      expect(answer).not.toContain(encodeURIComponent(realValue));
      if (!["/head", "/events"].includes(path)) expect(answer).toEndWith(`before ${world.placeholder} after`);
    },
  );

  test("an encoding that cannot be looked through is refused", async () => {
    const answer = await curl(`-i -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/odd`);
    expect(answer).toContain("\r\nHTTP/1.1 502 ");
    expect(answer).toContain('compressed as "compress"');
  });

  test("events pass as they come", async () => {
    const times = await say(
      `curl -sSN -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/events | while read -r line; do date +%s%N; done`,
    );
    const [first = 0, , second = 0] = times.trim().split("\n").map(Number);
    expect((second - first) / 1e6).toBeGreaterThan(1_000);
  });

  test("50 MB down and 20 MB up pass", async () => {
    expect(await curl(`https://${boundHost}/big | wc -c`)).toBe("50000000\n");
    const up = `head -c 20000000 /dev/zero | curl -sS -T - https://${boundHost}/up`;
    expect(await say(up)).toContain('"bytes":20000000');
    // With a length, and with Expect: 100-continue
    const sized = `head -c 20000000 /dev/zero >/tmp/up; curl -sS --data-binary @/tmp/up https://${boundHost}/up`;
    expect(await say(sized)).toContain('"bytes":20000000');
  });

  test("Node's fetch and npm work", async () => {
    const program = `fetch("https://${boundHost}/", { headers: { authorization: "Bearer " + process.env.GIT_TOKEN } })
      .then(async (answer) => console.log(answer.status, await answer.text()), (error) => console.log(error.cause))`;
    expect(await say(`node --no-warnings -e '${program}'`)).toContain(
      `200 {"authorization":"Bearer ${world.placeholder}"`,
    );
    await say(
      `cd /tmp && echo "//${boundHost}/:_authToken=\${GIT_TOKEN}" >.npmrc && npm view some-package --registry https://${boundHost}/ --fetch-retries 0 --no-update-notifier; cd`,
    );
    expect(await last()).toMatchObject({
      url: "/some-package",
      headers: { authorization: `Bearer ${realValue}` },
    });
  });

  test.each([
    [
      "two lengths",
      `Host: ${boundHost}\\r\\nContent-Length: 3\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n`,
    ],
    [
      "two Content-Length",
      `Host: ${boundHost}\\r\\nContent-Length: 3\\r\\nContent-Length: 4\\r\\n\\r\\nabcd`,
    ],
    ["another Host", `Host: ${otherHost}\\r\\n\\r\\n`],
    ["two Hosts", `Host: ${boundHost}\\r\\nHost: ${otherHost}\\r\\n\\r\\n`],
    [
      "an encoding of its own",
      `Host: ${boundHost}\\r\\nTransfer-Encoding: gzip, chunked\\r\\n\\r\\n0\\r\\n\\r\\n`,
    ],
    ["a space before the colon", `Host : ${boundHost}\\r\\n\\r\\n`],
    ["a bare line feed", `Host: ${boundHost}\\nX: y\\n\\n`],
  ])("a request that could be read in two ways does not arrive: %s", async (_name, rest) => {
    const before = (await world.seen()).length;
    expect(await raw(`POST /smuggle HTTP/1.1\\r\\n${rest}`)).not.toStartWith("HTTP/1.1 200 ");
    expect((await world.seen()).length).toBe(before);
    // The control
    expect(
      await raw(`POST /smuggle HTTP/1.1\\r\\nHost: ${boundHost}\\r\\nContent-Length: 3\\r\\n\\r\\nabc`),
    ).toStartWith("HTTP/1.1 200 ");
    expect((await world.seen()).length).toBe(before + 1);
  });

  test("is in no process, no file and no log; the control finds the placeholder", async () => {
    const search = (wanted: string) =>
      say(
        `grep -slF '${wanted}' /proc/[0-9]*/environ; grep -rslF '${wanted}' /home /tmp /run /etc /workspace 2>/dev/null; echo end`,
      );
    await say('printf %s "$GIT_TOKEN" >/tmp/control');
    expect(await search(world.placeholder)).toContain("/proc/");
    expect(await search(world.placeholder)).toContain("/tmp/control");
    // In halves, or the search would find itself
    const halves = `${realValue.slice(0, 8)}''${realValue.slice(8)}`;
    expect(await search(halves).then((text) => text.replace(/.*cmdline.*/g, ""))).toBe("end\n");
    const gate = await world.session.container("gate");
    const { stdout, stderr } = await readFrames(readLogs(engine, gate, { follow: false }));
    const inspected = JSON.stringify(
      await engine.json("GET", `/containers/${gate}/json`, { action: "look at the gate" }),
    );
    expect(stdout).toContain('"event":"secret"');
    for (const text of [stdout, stderr, inspected]) expect(text).not.toContain(realValue);
  });

  test("the ledger says where it went and where it was tried", async () => {
    const { secrets } = await world.session.end();
    const find = (verdict: string, where?: string) =>
      secrets.find((one) => one.verdict === verdict && one.where === where);
    expect(secrets.every((one) => one.name === "GIT_TOKEN" && one.host === boundHost)).toBe(true);
    expect(find("used")?.count).toBeGreaterThan(15);
    expect(find("used")?.first.localeCompare(find("used")?.last ?? "")).toBe(-1);
    expect(find("blocked", "address")?.count).toBe(1);
    expect(find("blocked", "header")?.count).toBe(3);
    expect(find("blocked", "body")?.count).toBe(1);
  });
});
