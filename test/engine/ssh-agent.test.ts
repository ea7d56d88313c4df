import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { readInfo } from "../../src/engine/system.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { launchShellSession } from "../support/shell-session.ts";
import type { ShellSession } from "../support/shell-session.ts";
import { addSshServer, makeKeyPair } from "../support/ssh-server.ts";
import type { KeyPair } from "../support/ssh-server.ts";
import { makeCanary, makePatterns } from "../support/trace-forms.ts";
import { findEngineFolders, searchEngine, searchFiles, searchProcesses } from "../support/trace-search.ts";

// Needs: ssh-keygen
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);
const passphrase = makeCanary("passphrase");
const since = new Date();

/** With the comment that ssh-keygen gives by default: whose it is, and on which machine */
async function makeUsersKey(secret: string): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), "bottle-key-"));
  const path = join(folder, "id");
  await Bun.$`ssh-keygen -q -t ed25519 -C somebody@their-machine -N ${secret} -f ${path}`.quiet();
  const [type, blob] = (await readFile(`${path}.pub`, "utf8")).split(" ");
  const privateKey = await readFile(path, "utf8");
  await rm(folder, { recursive: true });
  return { privateKey, publicKey: `${type} ${blob}` };
}

describe.skipIf(typeof found === "string").each(runtimes)(
  "the ssh-agent in the sidecar under %s",
  (runtime) => {
    let run: TestRun;
    let one: ShellSession;
    let keys: { readonly a: KeyPair; readonly b: KeyPair; readonly locked: KeyPair };

    beforeAll(async () => {
      run = beginTestRun(engine);
      keys = {
        a: await makeUsersKey(""),
        b: await makeUsersKey(""),
        locked: await makeUsersKey(passphrase.value),
      };
      const hosts = { a: await makeKeyPair(), b: await makeKeyPair(), other: await makeKeyPair() };
      const at22 = { port: 22 };
      one = await launchShellSession(run, {
        runtime,
        image: await ensureScriptedClaude(engine),
        private: ["a.test", "b.test", "c.test"],
        ssh: [
          { host: "forge", hostname: "a.test", port: 30_009, hostKey: hosts.a.publicKey, ...keys.a },
          { host: "other", hostname: "b.test", ...at22, hostKey: hosts.b.publicKey, ...keys.b },
          // The same key for a second host, where another server than the pinned one answers
          { host: "lie", hostname: "c.test", ...at22, hostKey: hosts.a.publicKey, ...keys.b },
          {
            host: "locked",
            hostname: "b.test",
            ...at22,
            hostKey: hosts.b.publicKey,
            ...keys.locked,
            passphrase: passphrase.value,
          },
        ],
      });
      // B and C let all keys in: only the agent's constraints stand against them
      const accepted = [keys.a, keys.b, keys.locked].map((key) => key.publicKey);
      await addSshServer(engine, one, { name: "a.test", port: 30_009, hostKey: hosts.a, accepted });
      await addSshServer(engine, one, { name: "b.test", ...at22, hostKey: hosts.b, accepted });
      await addSshServer(engine, one, { name: "c.test", ...at22, hostKey: hosts.other, accepted });
      // A server that is not up yet gives another error than the one it will give
      const isUp = "ssh forge true && ssh other true && ssh lie true 2>&1 | grep -q verification";
      await one.say(`for i in $(seq 50); do ${isUp} && break; sleep 0.2; done`);
    });
    afterAll(async () => {
      await one.bottle.destroy();
      await run.end();
    });

    /** Logs in with this key and no other, without what the bottle's configuration says about the host */
    const login = (target: string, key: string, more = "-o StrictHostKeyChecking=yes") =>
      one.say(
        `ssh -F none -i ~/.ssh/${key}.pub -o IdentitiesOnly=yes -o IdentityAgent=$SSH_AUTH_SOCK -o BatchMode=yes ${more} \
          -o ProxyCommand='nc -X connect -x gate:8888 %h %p' ${target} echo in`,
      );
    const [forge, other, lie] = ["-p 30009 git@a.test", "git@b.test", "git@c.test"];

    test("logs in with a key for its host, also if the same key is granted for another host", async () => {
      expect(await login(forge, "forge")).toEqual({ output: "in\n", exitCode: 0 });
      expect(await login(other, "other")).toEqual({ output: "in\n", exitCode: 0 });
    });

    test("has a key with a passphrase unlocked, and leaves no trace of the passphrase", async () => {
      expect(await login(other, "locked")).toEqual({ output: "in\n", exitCode: 0 });
      const patterns = makePatterns(passphrase.name, passphrase.core);
      const label = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`)[0] ?? "";
      expect(await searchEngine(engine, label, patterns, since)).toEqual([]);
      expect(await searchProcesses(patterns, () => Promise.resolve(false))).toEqual([]);
      const { DockerRootDir = "" } = await readInfo(engine);
      const folders = await findEngineFolders(DockerRootDir, await one.container("gate"));
      expect(await searchFiles(folders, patterns, since)).toEqual([]);
      const left = await runExec(engine, await one.container("gate"), {
        command: ["sh", "-c", "grep -rlF -f - /run/gate /tmp; ls /run/gate/ssh-*"],
        input: `${passphrase.core}\n`,
        user: "65532:65532",
      });
      expect(left.stdout.split("\n").toSorted().filter(Boolean)).toEqual(["agent", "askpass.cjs"]);
    });

    test("shows keys without whose machine they are from", async () => {
      const { output, exitCode } = await one.say("ssh-add -L; ssh-add -l; cat ~/.ssh/*.pub ~/.ssh/config");
      expect(exitCode).toBe(0);
      expect(output).toContain(keys.a.publicKey);
      expect(output).not.toContain("somebody");
      expect(output).not.toContain("machine");
    });

    test("gives no key out, and lets none be put in, taken away or locked", async () => {
      const lock = "echo x | SSH_ASKPASS=echo SSH_ASKPASS_REQUIRE=force ssh-add -x";
      for (const command of ["ssh-add -D", "ssh-add -d ~/.ssh/forge.pub", lock])
        expect((await one.say(command)).exitCode).not.toBe(0);
      const add = "rm -f /tmp/k && ssh-keygen -q -t ed25519 -N '' -f /tmp/k && ssh-add -q /tmp/k";
      expect((await one.say(add)).exitCode).not.toBe(0);
      expect((await one.say("ssh-add -L | wc -l")).output.trim()).toBe("3");
      expect((await one.say("rm -f /tmp/k; grep -rl 'PRIVATE KEY' ~ /tmp 2>/dev/null")).output).toBe("");
    });

    test("signs nothing but a login", async () => {
      const { output, exitCode } = await one.say("echo x | ssh-keygen -Y sign -n file -f ~/.ssh/forge.pub");
      expect(exitCode).not.toBe(0);
      expect(output).not.toContain("BEGIN SSH SIGNATURE");
    });

    test("signs for no server but the pinned one, even where ssh itself was told not to check", async () => {
      const strict = await login(lie, "lie");
      expect(strict.output).toContain("Host key verification failed");
      const loose = await login(lie, "lie", "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null");
      expect(loose.exitCode).toBe(255);
      expect(loose.output).toContain("Permission denied");
    });

    test("does not use a key for another host or user that accepts it; without the constraint it would", async () => {
      const otherUser = "-p 30009 root@a.test";
      for (const target of [other, otherUser]) {
        const refused = await login(target, "forge");
        expect(refused.exitCode).toBe(255);
        expect(refused.output).toContain("Permission denied");
      }
      // The control: the same key in the same agent without a destination
      const { exitCode } = await runExec(engine, await one.container("gate"), {
        command: ["sh", "-c", "SSH_AUTH_SOCK=$(echo /run/gate/ssh-*/agent) ssh-add -q -"],
        user: "65532:65532",
        input: keys.a.privateKey,
      });
      expect(exitCode).toBe(0);
      expect(await login(other, "forge")).toEqual({ output: "in\n", exitCode: 0 });
      expect(await login(otherUser, "forge")).toEqual({ output: "in\n", exitCode: 0 });
    });
  },
);
