import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { beginBoundWorld, boundHost, realValue } from "../support/bound-server.ts";
import type { BoundWorld } from "../support/bound-server.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { waitUntil } from "../support/launcher.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { patient } from "../support/patience.ts";

// Needs: openssl
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);
/** A gate that ended is there again within some seconds */
const restartMs = 30_000;

describe.skipIf(base === undefined).each(runtimes)("a bound secret's gate under %s", (runtime) => {
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

  test("works on under the same CA when it was started again, without pipelock to keep its folder", async () => {
    await engine.send("POST", `/containers/${await world.session.container("gate")}/kill`);
    const words = `-o /dev/null -w '%{http_code}' -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/`;
    const giveUpAt = performance.now() + patient(restartMs);
    let answer: string;
    do answer = await curl(`${words} 2>&1`);
    while (!answer.endsWith("200") && performance.now() < giveUpAt);
    expect(answer).toBe("200");
    expect((await world.seen()).at(-1)?.headers["authorization"]).toBe(`Bearer ${realValue}`);
  });

  test("cuts what is open to a host when the host is denied", async () => {
    const request = { session: world.session.plan.session, host: boundHost };
    const cut = say(
      `curl -sS -H "Authorization: Bearer $GIT_TOKEN" https://${boundHost}/events; echo "code $?"`,
    );
    const isOpen = async () => (await world.seen()).some((one) => one.url === "/events");
    await waitUntil(isOpen, "the server has the request");
    await world.session.bottles.deny(request);
    expect(await cut).not.toContain("code 0");
    expect(await curl(`https://${boundHost}/`)).toContain("response 403");
  });
});
