/** The way to the keys is there when claude starts, also where the program that makes it takes its time. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "../support/built-image.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { launchShellSession } from "../support/shell-session.ts";
import { makeKeyPair } from "../support/ssh-server.ts";

// Needs: ssh-keygen
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

/** An agent's image whose socat begins late, as on a machine that starts programs slowly. */
async function ensureLateBridge(): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-late-bridge",
    base: await ensureScriptedClaude(engine),
    dockerfile: "ARG BASE\nFROM ${BASE}\nCOPY socat /opt/scripted/socat\n",
    programs: { socat: '#!/bin/sh\nsleep 2\nexec /usr/bin/socat "$@"\n' },
  });
}

describe.skipIf(typeof found === "string").each(runtimes)("a bottle with ssh keys under %s", (runtime) => {
  let run: TestRun;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("lists them to the first command there is, though the way to them is made late", async () => {
    const [key, host] = [await makeKeyPair(), await makeKeyPair()];
    const entry = { host: "forge", hostname: "forge.test", port: 22, hostKey: host.publicKey, ...key };
    const one = await launchShellSession(run, { runtime, image: await ensureLateBridge(), ssh: [entry] });
    const { output, exitCode } = await one.say("ssh-add -L");
    expect(output.trim()).toBe(key.publicKey);
    expect(exitCode).toBe(0);
    await one.end();
    await one.bottle.destroy();
  });
});
