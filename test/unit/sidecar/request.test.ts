/** `bottle-request` as an agent runs it, with a gate that a test answers for. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gateAskPort, gateHostName } from "../../../src/protocol/gate.ts";
import { requestProgram } from "../../../src/sidecar/programs.ts";
import { aFolder } from "../../support/temporary.ts";

// Needs: node

/** Leads the program to the test's own gate, if it asks the one that bottles have */
const shim = `const http = require("node:http");
const request = http.request;
http.request = (options, ...rest) => {
  if (options.host !== "${gateHostName}" || options.port !== ${gateAskPort}) throw new Error("another host");
  return request({ ...options, host: "127.0.0.1", port: Number(process.env.GATE) }, ...rest);
};`;

let answer: () => Response;
const asked: unknown[] = [];
const gate = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (call) => {
    asked.push([
      call.method,
      new URL(call.url).pathname,
      call.headers.get("content-type"),
      await call.json(),
    ]);
    return answer();
  },
});
afterAll(() => gate.stop(true));

beforeEach(() => {
  asked.length = 0;
  answer = () => Response.json({ verdict: "allowed", message: "It is allowed." });
});

async function run(words: readonly string[], port = gate.port) {
  const folder = await aFolder({ "shim.cjs": shim, "bottle-request.cjs": requestProgram });
  const child = Bun.spawn(
    ["node", "-r", join(folder, "shim.cjs"), join(folder, "bottle-request.cjs"), ...words],
    {
      env: { PATH: process.env["PATH"], GATE: String(port) },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

describe.skipIf(Bun.which("node") === null)("bottle-request", () => {
  test.each([
    [["h.test", "--reason", "why"], { host: "h.test", reason: "why" }],
    [["-r", "why not", "h.test", "-w", "0"], { host: "h.test", reason: "why not", wait: 0 }],
    [["h.test", "--reason", "", "--wait", "900"], { host: "h.test", reason: "", wait: 900 }],
    [["h.test:80", "-r", "x", "-k", "http"], { host: "h.test:80", reason: "x", kind: "http" }],
  ])("with %j asks the gate and says what it answers", async (words, fields) => {
    expect(await run(words)).toEqual({ stdout: "It is allowed.\n", stderr: "", exitCode: 0 });
    expect(asked).toEqual([["POST", "/ask", "application/json", fields]]);
  });

  test.each([
    ["blocked", 1],
    ["refused", 1],
    ["waiting", 75],
    ["what a later gate says", 1],
  ])("ends as the gate answers: %s", async (verdict, exitCode) => {
    answer = () => Response.json({ verdict, message: "So it is." });
    expect(await run(["h.test", "-r", "x"])).toEqual({ stdout: "", stderr: "So it is.\n", exitCode });
    answer = () => Response.json({ verdict });
    expect((await run(["h.test", "-r", "x"])).stderr).toBe("Not possible.\n");
  });

  test("says so if the gate does not answer, or says something else", async () => {
    const failed = {
      stdout: "",
      stderr: "The bottle's sidecar did not answer. Try again in a moment.\n",
      exitCode: 75,
    };
    answer = () => new Response("no JSON");
    expect(await run(["h.test", "-r", "x"])).toEqual(failed);
    const closed = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    closed.stop(true);
    expect(await run(["h.test", "-r", "x"], closed.port)).toEqual(failed);
  });

  test.each([
    [["h.test"]],
    [["--reason", "x"]],
    [["a.test", "b.test", "--reason", "x"]],
    [["h.test", "--reason", "x", "--wait", "soon"]],
    [["h.test", "--reason", "x", "--wait=-1"]],
    [["h.test", "--reason", "x", "--port", "1"]],
    [[]],
  ])("shows how it is used, and asks nobody, with %j", async (words) => {
    const { stdout, stderr, exitCode } = await run(words);
    expect([stdout, exitCode]).toEqual(["", 2]);
    expect(stderr).toStartWith("Usage: bottle-request HOST[:PORT] --reason TEXT");
    expect(asked).toEqual([]);
  });

  test("shows how it is used where that is asked for", async () => {
    const { stdout, stderr, exitCode } = await run(["-h"]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toContain("75 no answer yet");
  });
});
