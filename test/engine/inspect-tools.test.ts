import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeUp, put } from "../support/inspect/made-up.ts";
import { makeKeepAlive } from "../support/inspect/tool-server.ts";
import { inspectedHost, opaqueHost, openToolSession, toolCommands } from "../support/inspect/tool-session.ts";
import type { ShellSession } from "../support/shell-session.ts";

// Needs: openssl
setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const token = put("gl", "pat-", makeUp(31).base64url(15));

describe.skipIf(typeof found === "string")("tools at an inspected host", () => {
  let run: TestRun;
  let one: ShellSession;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await openToolSession(run, "runc");
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await run.end();
  });

  const inFolder = (command: string) => one.say(`(cd "$(mktemp -d)" && ${command})`);

  test.each(Object.keys(toolCommands("")))("%s works", async (name) => {
    for (const host of [inspectedHost, opaqueHost])
      expect(await inFolder(toolCommands(host)[name] ?? "")).toEqual({ output: "", exitCode: 0 });
  });

  test("what npm installed can be used", async () => {
    const install = toolCommands(inspectedHost)["npm install of 41 packages"] ?? "";
    const { output } = await inFolder(
      `${install} && node --no-warnings -p 'require("./app/node_modules/part-7")'`,
    );
    expect(output).toBe("part-7\n");
  });

  test("what pip installed can be used", async () => {
    const install = toolCommands(inspectedHost)["pip install of 41 packages"] ?? "";
    expect(await inFolder(`${install} && PYTHONPATH=./env python3 -c 'import part_7'`)).toEqual({
      output: "",
      exitCode: 0,
    });
  });

  test("a push of a file with a token is refused, and the repository does not get it", async () => {
    const push = (host: string, content: string, branch: string) =>
      inFolder(
        `git clone --quiet --depth 1 https://${host}/git/project.git p && cd p && echo 'KEY=${content}' > .env && git add .env && git -c user.name=t -c user.email=t@example commit --quiet --message env && git push --quiet origin HEAD:refs/heads/${branch}`,
      );
    const heads = async () =>
      (await inFolder(`git ls-remote https://${inspectedHost}/git/project.git`)).output;
    const refused = await push(inspectedHost, token, "leak");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("403");
    expect(await heads()).not.toContain("refs/heads/leak");
    // The controls: another content, and a host that nobody looks at
    expect(await push(inspectedHost, "harmless", "clean")).toEqual({ output: "", exitCode: 0 });
    expect(await heads()).toContain("refs/heads/clean");
    expect(await push(opaqueHost, token, "leak")).toEqual({ output: "", exitCode: 0 });
  });

  test("no kept-alive client fails in 10,000 requests", async () => {
    const program = makeKeepAlive(inspectedHost, 10_000).replaceAll("'", `'\\''`);
    expect((await one.say(`node --no-warnings -e '${program}'`)).output).toBe("failed 0\n");
  });
});
