import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { mostReturned } from "../../src/sidecar/gate/bound-returns.ts";
import { beginBoundWorld, boundHost, otherHost, realValue } from "../support/bound-server.ts";
import type { BoundWorld } from "../support/bound-server.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { attackProgram } from "../support/scrubber-attack.ts";

// Needs: openssl
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const base = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(base === undefined).each(runtimes)(
  "an agent that is after a bound secret, under %s",
  (runtime) => {
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
    const withToken = '-H "Authorization: Bearer $GIT_TOKEN"';
    const recover = async (host: string, known: string) =>
      (
        await say(`node --no-warnings -e '${attackProgram.replaceAll("'", `'\\''`)}' ${host} '${known}'`)
      ).trim();

    test("learns nothing from the sizes in which a store returns its guesses, however much it knows", async () => {
      expect(await recover(boundHost, "")).toBe("");
      const known = realValue.slice(0, 12);
      expect(await recover(boundHost, known)).toBe(known);
      // The guesses did come back
      expect(await curl(`https://${boundHost}/store`)).toContain(`${known}z`);
    });

    test("the control: learns all of it where the end of a piece is held back if the secret begins so", async () => {
      // Of the last character it is told in another way
      expect(await recover(otherHost, "")).toBe(realValue.slice(0, -1));
    });

    test("gets no part of a page that holds it", async () => {
      await curl(`${withToken} https://${boundHost}/`);
      const answer = await curl(
        `-i -H "Range: bytes=10-14" -H "Accept-Charset: utf-16" https://${boundHost}/page`,
      );
      expect(answer).toContain(`0123456789${world.placeholder}0123456789`);
      expect(answer).toMatch(/^X-Claude-Bottle: left out; headers=range,accept-charset\r$/m);
      // The control: a host whose TLS nobody opens gives what was asked for
      await curl(`-H "Authorization: Bearer ${realValue}" https://${otherHost}/`);
      expect(await curl(`-H "Range: bytes=10-14" https://${otherHost}/page`)).toBe(realValue.slice(0, 5));
    });

    test.each([
      ["/part", "the host sent a part of its answer"],
      ["/charset", 'written in the charset "utf-7"'],
    ])("gets no answer that nobody can look through: %s", async (path, reason) => {
      const answer = await curl(`-i ${withToken} https://${boundHost}${path}`);
      expect(answer).toContain("\r\nHTTP/1.1 502 ");
      expect(answer).toContain(reason);
      expect(answer).not.toContain(realValue.slice(0, 5));
    });

    test.each(["/hex", "/utf16", "/unicode", "/entities", "/twice", "/bare", "/wrapped"])(
      "does not get it in another form: %s",
      async (path) => {
        const text = await curl(`${withToken} https://${boundHost}${path} | tr -d '\\0'`);
        expect(text).toContain(world.placeholder);
        expect(text.replace(world.placeholder, "")).not.toContain(realValue.slice(0, 4));
        // The control
        const open = await curl(`-H "Authorization: Bearer ${realValue}" https://${otherHost}${path}`);
        expect(open).not.toContain(world.placeholder);
        expect(open.length).toBeGreaterThan(realValue.length);
      },
    );

    test("gets it in no name of a header, in no trailer and by no sum or length", async () => {
      const answer = await curl(`-i --raw ${withToken} https://${boundHost}/trailers`);
      expect(answer).toContain(world.placeholder);
      expect(answer).not.toMatch(/named|x-end|^(?:content-digest|accept-ranges|content-length):/im);
      for (const form of [realValue, Buffer.from(realValue).toString("hex")])
        expect(answer.toLowerCase()).not.toContain(form.toLowerCase());
      // What was said to have a length is passed on without one, whether something is in it or not
      const plain = await curl(`-i https://${boundHost}/big -r 0-1 | head -c 500 | tr -d '\\0'`);
      expect(plain).not.toMatch(/^content-length:/im);
      // The control
      const open = await curl(
        `-i --raw -H "Authorization: Bearer ${realValue}" https://${otherHost}/trailers`,
      );
      expect(open).toMatch(/^x-end: tok/m);
      expect(open).toContain("named");
    });

    test("is cut off from a host that sends it again and again, and the user is told", async () => {
      const codes = await curl(
        `-o /dev/null -w '%{http_code} ' ${withToken} "https://${boundHost}/page?[1-${mostReturned}]" 2>/dev/null`,
      );
      expect(codes).toStartWith("200 ");
      expect(await curl(`https://${boundHost}/store`)).toContain("response 403");
      // The control: a host that nobody looks at gives it as often as it is asked
      const open = await curl(
        `-o /dev/null -w '%{http_code} ' "https://${otherHost}/page?[1-${mostReturned + 2}]" 2>/dev/null`,
      );
      expect(open.trim().split(" ")).toEqual(Array.from({ length: mostReturned + 2 }, () => "200"));
      const { secrets, refused } = await world.session.end();
      expect(JSON.stringify(refused)).toContain("sent a secret back more than");
      const returned = secrets.find((one) => one.verdict === "returned");
      expect(returned).toMatchObject({ name: "GIT_TOKEN", host: boundHost });
      expect(returned?.count).toBe(mostReturned + 1);
    });
  },
);
