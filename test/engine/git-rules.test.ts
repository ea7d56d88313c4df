import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { awaitListening } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { gitServer } from "../support/git-server.ts";
import { makeUp, put, withChecksum } from "../support/inspect/made-up.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { filterForTests } from "../support/pipelock-image.ts";
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

/** Reached by the rules, and as a whole: the control of each wall */
const ruled = "git.test";
const whole = "whole.test";
/** With rules of both kinds */
const both = "both.test";
const m = makeUp(29);
const token = put("gh", "p_", withChecksum(m.alnum(30)));
/** Is with the server from the start */
const known = put("gh", "p_", withChecksum(m.alnum(30)));
const own = `${m.alnum(30)}/+=`;
const bound = m.alnum(40);

describe.skipIf(base === undefined).each(runtimes)("git by repository and ref under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  const servers = new Map<string, string>();

  beforeAll(async () => {
    run = beginTestRun(engine);
    const authority = await makeTestAuthority([ruled, whole, both]);
    one = await launchShellSession(run, {
      private: [whole],
      ruled: [{ host: both, allow: ["GET /acme/shop/HEAD"] }],
      git: [
        { repo: `${ruled}/acme/shop`, push: ["agent/*", "refs/tags/agent-*"] },
        { repo: `${ruled}/closed/shop`, push: ["agent/*"], force: true, allow: ["github-token"] },
        { repo: `${ruled}/acme/*` },
        { repo: `${both}/acme/shop`, push: ["agent/*"] },
      ],
      secrets: [
        { name: "APP_KEY", value: own, hosts: [] },
        { name: "GIT_TOKEN", value: bound, hosts: [ruled] },
      ],
      runtime,
      pipelockImage: await filterForTests(engine),
      image: await buildTrustingImage(engine, {
        base: base ?? "",
        tag: run.name(`git-${runtime}`),
        ca: authority.ca,
        labels: run.labels,
      }),
    });
    for (const name of [ruled, whole, both]) {
      const Env = [`KEY=${authority.key}`, `CERT=${authority.cert}`, `TOKEN=${bound}`, `KNOWN=${known}`];
      const id = await one.addServer(name, {
        Image: base ?? "",
        Cmd: ["node", "-e", gitServer],
        User: "0:0",
        Env,
      });
      await awaitListening(engine, id);
      servers.set(name, id);
    }
    await say(
      "git config --global user.name a; git config --global user.email a@a.invalid; git config --global advice.detachedHead false",
    );
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  const say = async (command: string) => {
    const { output } = await one.say(`${command}\necho "code $?"`);
    return output.trim();
  };
  const inServer = async (name: string, ...command: string[]) => {
    const { stdout } = await runExec(engine, servers.get(name) ?? "", { command });
    return Buffer.from(stdout).toString().trim();
  };
  const seen = (name: string) => inServer(name, "cat", "/tmp/seen");
  const tip = (name: string, repo: string, ref: string) =>
    inServer(name, "git", "-C", `/tmp/root/${repo}.git`, "rev-parse", "-q", "--verify", ref);
  const mine = (repo: string) => `https://me:$GIT_TOKEN@${ruled}/${repo}`;

  test("clones what a rule names, and nothing else of the host", async () => {
    expect(
      await say(`git clone -q https://${ruled}/acme/shop.git /tmp/shop && cat /tmp/shop/file`),
    ).toContain("second\ncode 0");
    expect(
      await say(`git clone -q --depth 1 https://${ruled}/acme/other /tmp/other && cat /tmp/other/file`),
    ).toContain("code 0");
    expect(
      await say(
        `git clone -q --filter=blob:none https://${ruled}/acme/other /tmp/partial && cat /tmp/partial/file`,
      ),
    ).toContain("code 0");
    expect(await say(`git -c protocol.version=0 clone -q https://${ruled}/acme/other /tmp/v0`)).toEndWith(
      "code 0",
    );
    const refused = await say(`git clone -q https://${ruled}/evil/loot.git /tmp/loot`);
    expect(refused).toContain(
      "remote: claude-bottle blocked git.test:443: no rule names the repository evil/loot",
    );
    expect(refused).toEndWith("code 128");
    expect(await seen(ruled)).not.toContain("evil");
    // The control: the same host, reached as a whole
    expect(await say(`git clone -q https://${whole}/evil/loot.git /tmp/loot`)).toEndWith("code 0");
  });

  test.each([
    ["/"],
    ["/acme/shop"],
    ["/acme/shop.git/info/refs"],
    ["/acme/shop.git/HEAD"],
    ["/acme/shop.git/info/refs?service=git-upload-archive"],
    ["/evil/loot.git/info/refs?service=git-upload-pack"],
    ["/acme/../evil/loot.git/info/refs?service=git-upload-pack"],
    ["/acme/%2e%2e/evil/loot.git/info/refs?service=git-upload-pack"],
    ["/acme//shop.git/info/refs?service=git-upload-pack"],
    ["/acme/shop.git/info/refs?service=git-upload-pack&service=git-receive-pack"],
    ["/acme/shop.git;/info/refs?service=git-upload-pack"],
    ["//evil/loot.git/info/refs?service=git-upload-pack"],
  ])("refuses GET %s, which the host would answer", async (path) => {
    const before = (await seen(ruled)).length;
    expect(await say(`curl -sS --path-as-is -w '%{http_code}' 'https://${ruled}${path}'`)).toContain("403");
    expect((await seen(ruled)).length).toBe(before);
    // The control: where no rule stands in front of it the server is asked
    await say(`curl -sS --path-as-is -o /dev/null 'https://${whole}${path}'`);
    expect(await seen(whole)).toContain(`GET ${path} `);
  });

  test("pushes to what is named, and says in git's own words what is not", async () => {
    await say(
      `cd /tmp/shop && git checkout -q -b agent/one && echo third >> file && git commit -qam third; cd`,
    );
    expect(await say("git -C /tmp/shop push origin agent/one 2>&1")).toEndWith("code 0");
    expect(await tip(ruled, "acme/shop", "refs/heads/agent/one")).toHaveLength(40);
    const before = await tip(ruled, "acme/shop", "refs/heads/main");
    const refused = await say("git -C /tmp/shop push origin agent/one:main 2>&1");
    expect(refused).toContain(
      "remote: claude-bottle refused this push to acme/shop: refs/heads/main is not allowed here: push to agent/*",
    );
    expect(refused).toContain("! [remote rejected] agent/one -> main (not allowed here");
    expect(refused).toEndWith("code 1");
    expect(await tip(ruled, "acme/shop", "refs/heads/main")).toBe(before);
    // One ref that is not allowed refuses all of the push
    expect(await say("git -C /tmp/shop push origin agent/one:agent/two agent/one:main 2>&1")).toContain(
      "not sent, since another ref",
    );
    expect(await tip(ruled, "acme/shop", "refs/heads/agent/two")).toBe("");
    const readOnly = await say(`git -C /tmp/shop push https://${ruled}/acme/other agent/one 2>&1`);
    expect(readOnly).toContain(
      "remote: claude-bottle blocked git.test:443: acme/other may be read, and not be pushed to",
    );
    // The control: the same push where no rule stands in front of it
    expect(await say(`git -C /tmp/shop push https://${whole}/acme/shop agent/one:main 2>&1`)).toEndWith(
      "code 0",
    );
  });

  test("moves a branch forward, and neither back nor away without force", async () => {
    const push = (words: string) => say(`git -C /tmp/shop push ${words} 2>&1`);
    await say("cd /tmp/shop && echo fourth >> file && git commit -qam fourth; cd");
    expect(await push("origin agent/one")).toEndWith("code 0");
    const before = await tip(ruled, "acme/shop", "refs/heads/agent/one");
    await say("cd /tmp/shop && git commit -q --amend -m other; cd");
    const forced = await push("-f origin agent/one");
    expect(forced).toContain('Forced updates need "force": true');
    expect(forced).toEndWith("code 1");
    expect(await push("-f origin main:agent/one")).toEndWith("code 1");
    expect(await push("origin :agent/one")).toContain("deleting it is not allowed");
    expect(await tip(ruled, "acme/shop", "refs/heads/agent/one")).toBe(before);
    // The controls: a rule with force, and a host without rules
    for (const remote of [mine("closed/shop"), `https://${whole}/acme/shop`]) {
      expect(await push(`${remote} HEAD~1:refs/heads/agent/f`)).toEndWith("code 0");
      expect(await push(`-f ${remote} HEAD~2:refs/heads/agent/f`)).toEndWith("code 0");
      expect(await push(`${remote} :agent/f`)).toEndWith("code 0");
    }
  });

  test("merges and tags", async () => {
    await say(`cd /tmp/shop && git checkout -q -B agent/merge main && echo a > a && git add a && git commit -qm a && git push -q origin agent/merge
git checkout -q -B side main && echo b > b && git add b && git commit -qm b && git checkout -q agent/merge && git merge -q --no-edit side && git tag -a agent-1 -m one; cd`);
    expect(await say("git -C /tmp/shop push --atomic origin agent/merge agent-1 2>&1")).toEndWith("code 0");
    expect(await say("git -C /tmp/shop push origin agent-1:refs/tags/v1 2>&1")).toEndWith("code 1");
  });

  test("looks at a push, says file, line and rule, and sends nothing of one with a secret", async () => {
    const leak = (name: string, text: string) =>
      say(
        `cd /tmp/shop && git checkout -q -B agent/${name} main && mkdir -p src && printf 'one\\ntwo ${text}\\n' > src/${name}.txt && git add . && git commit -qm ${name} && git push origin agent/${name} 2>&1`,
      );
    const refused = await leak("leak", token);
    expect(refused).toContain("remote: it holds a secret (github-token) in src/leak.txt:2, fingerprint ");
    expect(refused).toContain(
      "! [remote rejected] agent/leak -> agent/leak (it holds a secret (github-token))",
    );
    expect(await leak("own", own)).toContain("(env:APP_KEY) in src/own.txt:2");
    expect(await leak("encoded", Buffer.from(`xx${own}`).toString("base64"))).toContain("(env:APP_KEY)");
    const message = `cd /tmp/shop && git checkout -q -B agent/message main && git commit -q --allow-empty -m 'x ${token}' && git push origin agent/message 2>&1`;
    expect(await say(message)).toContain("its message or its people");
    const removed = `cd /tmp/shop && git checkout -q -B agent/gone agent/leak && git rm -q src/leak.txt && git commit -qm gone && git push origin agent/gone 2>&1`;
    expect(await say(removed)).toContain("(github-token) in src/leak.txt:2");
    expect(
      await inServer(
        ruled,
        "sh",
        "-c",
        "git -C /tmp/root/acme/shop.git for-each-ref | grep -c -e leak -e own -e message -e gone",
      ),
    ).toBe("0");
    // The controls: a rule that lets it through, and a host without rules
    for (const remote of [mine("closed/shop"), `https://${whole}/acme/shop`])
      expect(await say(`git -C /tmp/shop push ${remote} agent/leak 2>&1`)).toEndWith("code 0");
  });

  test("passes what stands in the file with the server already, and no other secret in it", async () => {
    const change = (branch: string, more: string) =>
      say(
        `cd /tmp/shop && git checkout -q -B agent/${branch} main && echo 'a line' >> old/known && echo '${more}' >> old/known && git commit -qam more && git push origin agent/${branch} 2>&1`,
      );
    expect(await change("edit", "harmless")).toEndWith("code 0");
    expect(await change("worse", token)).toContain("(github-token) in old/known:");
    // The control: the same text in another file
    const copied = `cd /tmp/shop && git checkout -q -B agent/copy main && cp old/known new && git add new && git commit -qm copy && git push origin agent/copy 2>&1`;
    expect(await say(copied)).toContain("(github-token) in new:1");
  });

  test("refuses a push of what is too large to be looked at, and takes one of several megabytes", async () => {
    const write = (bytes: number) =>
      say(
        `cd /tmp/shop && git checkout -q -B agent/big${bytes} main && head -c ${bytes} /dev/urandom > big && git add big && git commit -qm big && git push origin agent/big${bytes} 2>&1`,
      );
    expect(await write(6_000_000)).toEndWith("code 0");
    expect(await write(34_000_000)).toContain("too large to be looked at: a file has more than 32 MiB");
  });

  test("uses the bottle's own account and no other", async () => {
    expect(await say(`git clone -q ${mine("closed/shop")} /tmp/closed`)).toEndWith("code 0");
    const foreign = `git clone -q https://me:${m.alnum(20)}@${ruled}/closed/shop /tmp/foreign 2>&1`;
    expect(await say(foreign)).toContain("a credential that is not the one of this bottle");
    const beside = `curl -sS -u "me:$GIT_TOKEN" -H 'Private-Token: ${m.alnum(20)}' 'https://${ruled}/closed/shop.git/info/refs?service=git-upload-pack'`;
    expect(await say(beside)).toContain("a credential that is not the one of this bottle");
    expect(await seen(ruled)).not.toContain("wrong");
    // The control: where nothing is bound the server gets it
    await say(foreign.replace(ruled, whole).replace("foreign ", "foreign2 "));
    expect(await seen(whole)).toContain("/closed/shop/info/refs?service=git-upload-pack wrong");
  });

  test("stands beside rules for other requests to the same host, and neither widens the other", async () => {
    expect(await say(`git clone -q https://${both}/acme/shop.git /tmp/both`)).toEndWith("code 0");
    expect(
      await say("git -C /tmp/both push -q origin HEAD:refs/heads/agent/b HEAD:refs/heads/agent/c 2>&1"),
    ).toEndWith("code 0");
    expect(await say("git -C /tmp/both push -q origin HEAD:refs/heads/other 2>&1")).toContain(
      "is not allowed here",
    );
    const get = (path: string) =>
      say(`curl -sS -w '%{http_code}' -o /tmp/got https://${both}${path}; cat /tmp/got`);
    expect(await get("/acme/shop/HEAD")).toContain("refs/heads/main");
    expect(await get("/acme/other/HEAD")).toStartWith("403");
    expect(await say(`git clone -q https://${both}/acme/other /tmp/both2 2>&1`)).toContain(
      "no rule names the repository acme/other",
    );
    expect(await seen(both)).not.toContain("other");
    // The control: the same server, reached as a whole
    expect(await say(`curl -sS https://${whole}/acme/other/HEAD`)).toContain("refs/heads/main");
  });

  test("leads addresses for ssh to HTTPS, and offers the bound secret there", async () => {
    expect(await say(`git clone -q git@${ruled}:closed/shop.git /tmp/ssh`)).toEndWith("code 0");
    expect(await say("git -C /tmp/ssh push origin HEAD:refs/heads/agent/ssh 2>&1")).toEndWith("code 0");
    expect(await tip(ruled, "closed/shop", "refs/heads/agent/ssh")).toHaveLength(40);
    expect(await say(`env | grep -c -e '${bound}'`)).toStartWith("0");
    // The control: a host without rules has neither
    expect(await say(`git clone -q git@${whole}:closed/shop.git /tmp/ssh2 2>&1`)).toEndWith("code 128");
  });

  test("offers neither signed pushes nor push options, and refuses what is made by hand", async () => {
    expect(await say(`cd /tmp/shop && git push -o ci.skip origin main:agent/option 2>&1`)).toContain(
      "does not support push options",
    );
    const zero = "0".repeat(40);
    const ids = await tip(ruled, "acme/shop", "refs/heads/main");
    const packet = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
    const hostile = [
      `${packet(`${zero} ${ids} refs/heads/agent/x\0 report-status`)}${packet(`${zero} ${ids} refs/heads/evil\0 report-status`)}0000`,
      `${packet(`${zero} ${ids} refs/heads/agent/x\0 report-status`)}0001${packet(`${zero} ${ids} refs/heads/evil`)}0000`,
      `${packet(`${zero} ${ids} refs/heads/agent/x\0 report-status push-options`)}0000${packet("x=1")}0000`,
      `${packet(`push-cert\0 report-status`)}0000`,
      `0000${packet(`${zero} ${ids} refs/heads/evil\0 report-status`)}0000`,
    ];
    const empty = "5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e";
    for (const body of hostile) {
      const hex = Buffer.from(body, "latin1").toString("hex") + empty;
      const post = (host: string) =>
        say(
          `echo ${hex} | node -e 'process.stdout.write(Buffer.from(require("fs").readFileSync(0,"utf8").trim(),"hex"))' | curl -sS -w '%{http_code}' -H 'Content-Type: application/x-git-receive-pack-request' --data-binary @- https://${host}/acme/shop.git/git-receive-pack`,
        );
      expect(await post(ruled)).toContain("400");
      await post(whole);
    }
    const long = `head -c 20000000 /dev/zero | curl -sS -w '%{http_code}' -H 'Content-Type: application/x-git-receive-pack-request' --data-binary @- https://${ruled}/acme/shop.git/git-receive-pack`;
    expect(await say(long)).toEndWith("400code 0");
    expect(await tip(ruled, "acme/shop", "refs/heads/evil")).toBe("");
    // The control: git takes the first of them as it is
    expect(await tip(whole, "acme/shop", "refs/heads/evil")).toBe(ids);
  });
});
