import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { beginBoundWorld, boundHost, realValue } from "../support/bound-server.ts";
import type { BoundWorld } from "../support/bound-server.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { patient } from "../support/patience.ts";

// Needs: openssl
setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);
const host = "git.test";
const secret = { name: "GIT_TOKEN", value: realValue, hosts: [host, boundHost] };

/** git's own http-backend behind TLS; it wants the real token as the password, and tells of every request whether it came. */
const server = `
const { execFileSync, spawn } = require("child_process");
const git = (...words) => execFileSync("git", words, { stdio: "ignore" });
git("init", "-q", "-b", "main", "/tmp/tree");
require("fs").writeFileSync("/tmp/tree/file", require("crypto").randomBytes(3e6));
git("-C", "/tmp/tree", "add", ".");
git("-C", "/tmp/tree", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "first");
git("clone", "-q", "--bare", "/tmp/tree", "/tmp/repo.git");
git("-C", "/tmp/repo.git", "config", "http.receivepack", "true");
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  const { authorization } = request.headers;
  const isRight = authorization === "Basic " + Buffer.from("me:" + process.env.TOKEN).toString("base64");
  const verdict = isRight ? "right" : authorization ? "wrong" : "none";
  require("fs").appendFileSync("/tmp/seen", request.method + " " + request.url + " " + verdict + "\\n");
  if (!isRight) return request.resume(), response.writeHead(401, { "www-authenticate": "Basic realm=git" }).end();
  const [path, query = ""] = request.url.split("?");
  const backend = spawn("/usr/lib/git-core/git-http-backend", [], { env: { ...process.env, GIT_PROJECT_ROOT: "/tmp",
    GIT_HTTP_EXPORT_ALL: "1", REMOTE_USER: "me", PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers["content-type"] ?? "", HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    GIT_PROTOCOL: request.headers["git-protocol"] ?? "" } });
  request.pipe(backend.stdin);
  let head = "";
  backend.stdout.on("data", function read(chunk) {
    head += chunk.toString("latin1");
    const end = head.indexOf("\\r\\n\\r\\n");
    if (end < 0) return;
    backend.stdout.off("data", read);
    const headers = Object.fromEntries(head.slice(0, end).split("\\r\\n").map((line) => line.split(/: (.*)/s)));
    response.writeHead(Number((headers.Status ?? "200").slice(0, 3)), headers);
    response.write(Buffer.from(head.slice(end + 4), "latin1"));
    backend.stdout.pipe(response);
  });
}).listen(443, () => console.log("listening"));
`;

describe.skipIf(base === undefined).each(runtimes)("a bound secret behind pipelock, under %s", (runtime) => {
  let run: TestRun;
  let world: BoundWorld;
  let gitServer: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    const pipelockImage = await filterForTests(engine);
    world = await beginBoundWorld(run, {
      runtime,
      base: base ?? "",
      pipelockImage,
      secrets: [secret],
      names: [host],
    });
    gitServer = await world.session.addServer(host, {
      Image: base ?? "",
      Cmd: ["node", "-e", server],
      User: "0:0",
      Env: [`KEY=${world.authority.key}`, `CERT=${world.authority.cert}`, `TOKEN=${realValue}`],
    });
    await awaitListening(engine, gitServer);
  });
  afterAll(async () => {
    await world?.session.bottle.destroy();
    await run.end();
  });

  const say = async (command: string) => (await world.session.say(command)).output;
  const requests = async () => {
    const { stdout } = await runExec(engine, gitServer, { command: ["cat", "/tmp/seen"] });
    return Buffer.from(stdout).toString();
  };

  test("clones over https with Basic, by a credential in the address or in a header", async () => {
    expect(
      await say(`git clone -q "https://me:$GIT_TOKEN@${host}/repo.git" /tmp/one && ls -l /tmp/one/file`),
    ).toContain("3000000");
    const header = `"Authorization: Basic $(printf 'me:%s' "$GIT_TOKEN" | base64 -w0)"`;
    expect(
      await say(
        `git -c http.extraHeader=${header} clone -q https://${host}/repo.git /tmp/two && ls -l /tmp/two/file`,
      ),
    ).toContain("3000000");
    expect(await requests()).toContain("POST /repo.git/git-upload-pack right");
    expect(await requests()).not.toContain("wrong");
    expect(await say("cat /tmp/one/.git/config")).not.toContain(realValue);
  });

  test("pushes what is larger than git's buffer, which it sends in chunks", async () => {
    const output = await say(
      `cd /tmp/one && head -c 4000000 /dev/urandom >more && git add more && git -c user.name=a -c user.email=a@a commit -qm more && git push -q origin main; echo "code $?"; cd`,
    );
    expect(output).toEndWith("code 0\n");
    expect(await requests()).toContain("POST /repo.git/git-receive-pack right");
  });

  test("the control: what is no placeholder does not leave, and git says why", async () => {
    const output = await say(`git clone -q "https://me:nothing@${host}/repo.git" /tmp/three; echo "code $?"`);
    expect(output).toContain("it carries a credential that is not this bottle's");
    expect(output).toEndWith("code 128\n");
    expect(await requests()).not.toContain("wrong");
  });

  test("is put in over pipelock's tunnels, and told in the log of the bottle", async () => {
    await say(`curl -sS -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/`);
    expect((await world.seen()).at(-1)?.headers["authorization"]).toBe(`Bearer ${realValue}`);
    const signal = AbortSignal.timeout(patient(10_000));
    const records = await Array.fromAsync(
      world.session.bottles.readEgress({ session: world.session.plan.session, isFollowing: false, signal }),
    );
    const uses = records.flatMap((record) => record.secret ?? []);
    expect(new Set(uses.map((use) => use.host))).toEqual(new Set([host, boundHost]));
    expect(JSON.stringify(records)).not.toContain(realValue);
  });
});
