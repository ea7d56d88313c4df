import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { addSshServer, makeKeyPair } from "../support/ssh-server.ts";
import type { KeyPair } from "../support/ssh-server.ts";

// Needs: ssh-keygen
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(typeof found === "string").each(runtimes)("ssh through the sidecar under %s", (runtime) => {
  let run: TestRun;
  let one: ShellSession;
  let keys: { a: KeyPair; b: KeyPair };

  beforeAll(async () => {
    run = beginTestRun(engine);
    keys = { a: await makeKeyPair(), b: await makeKeyPair() };
    const hosts = { a: await makeKeyPair(), b: await makeKeyPair(), other: await makeKeyPair() };
    one = await launchShellSession(run, {
      runtime,
      image: await ensureFakeClaude(engine, await ensureAgentImage(engine)),
      pipelockImage: await filterForTests(engine),
      private: ["a.test", "b.test", "wrong.test"],
      ssh: [
        { host: "forge", hostname: "a.test", port: 30_009, hostKey: hosts.a.publicKey, ...keys.a },
        { host: "second", hostname: "b.test", port: 22, hostKey: hosts.b.publicKey, ...keys.b },
        // Another key than the server has
        {
          host: "wrong",
          hostname: "wrong.test",
          port: 22,
          hostKey: hosts.other.publicKey,
          ...(await makeKeyPair()),
        },
      ],
    });
    await addSshServer(engine, one, {
      name: "a.test",
      port: 30_009,
      hostKey: hosts.a,
      accepted: [keys.a.publicKey],
    });
    // It would take the first key too, if that could be used there
    await addSshServer(engine, one, {
      name: "b.test",
      port: 22,
      hostKey: hosts.b,
      accepted: [keys.a.publicKey, keys.b.publicKey],
    });
    await addSshServer(engine, one, {
      name: "wrong.test",
      port: 22,
      hostKey: hosts.b,
      accepted: [keys.a.publicKey],
    });
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  test("clones by URL from a port that is not 22, pushes, and clones by alias", async () => {
    const author = "git config user.name t && git config user.email t@example";
    const { output, exitCode } = await one.say(
      `cd /tmp && git clone --quiet ssh://git@a.test:30009/home/git/project.git one && cd one && ${author} &&
       echo pushed >file && git add . && git commit --quiet -m one && git push --quiet origin HEAD:main &&
       git clone --quiet --branch main forge:/home/git/project.git /tmp/two && cat /tmp/two/file`,
    );
    expect({ exitCode, last: output.trim().split("\n").at(-1) }).toEqual({ exitCode: 0, last: "pushed" });
  });

  test("has the keys in no file and no process of the bottle", async () => {
    const secret = keys.a.privateKey.split("\n")[2] ?? "";
    const { output } = await one.say(
      `grep -rlF '${secret}' /home /tmp /etc /run /var 2>/dev/null; cat /proc/[0-9]*/environ 2>/dev/null | grep -cF '${secret}'`,
    );
    expect(output.trim()).toBe("0");
    // The control: the same search finds the public key
    const open = keys.a.publicKey.split(" ")[1] ?? "";
    expect((await one.say(`grep -rlF '${open}' /home 2>/dev/null`)).output).toContain("/home/node/.ssh/");
    expect((await one.say("ssh-add -l | wc -l")).output.trim()).toBe("3");
  });

  test("logs in to each server with that server's key alone", async () => {
    const options = "-o IdentitiesOnly=yes -o IdentityFile=/home/node/.ssh";
    const own = await one.say(`ssh ${options}/second.pub git@b.test true`);
    expect(own).toMatchObject({ exitCode: 0 });
    // The server accepts this key; the agent does not sign with it for that server
    const foreign = await one.say(
      `ssh ${options}/forge.pub -F none -o IdentityAgent=$SSH_AUTH_SOCK -o UserKnownHostsFile=/home/node/.ssh/known_hosts -o ProxyCommand='nc -X connect -x gate:8888 %h %p' -o BatchMode=yes git@b.test true`,
    );
    expect(foreign.exitCode).toBe(255);
    expect(foreign.output).toContain("Permission denied");
  });

  test("refuses a server that shows another key than the pinned one", async () => {
    const { output, exitCode } = await one.say("ssh wrong true");
    expect(exitCode).toBe(255);
    expect(output).toContain("Host key verification failed");
  });
});
