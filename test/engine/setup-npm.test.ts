/** npm in a folder that a setup keeps: there it is a mount, which cannot be removed itself. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { git } from "../support/git.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { runSession } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

/** Packages as archives in the repository: nothing is fetched */
const files = {
  ".gitignore": "node_modules/\n",
  "package.json": JSON.stringify({
    name: "shop",
    version: "1.0.0",
    dependencies: { one: "file:one.tgz", "@scope/two": "file:two.tgz" },
  }),
  "one/package.json": JSON.stringify({ name: "one", version: "1.0.0", bin: { one: "cli.js" } }),
  "one/cli.js": "#!/usr/bin/env node\nconsole.log('one runs');\n",
  "two/package.json": JSON.stringify({ name: "@scope/two", version: "2.0.0" }),
  "two/index.js": "module.exports = 'two is there';\n",
};
const flags = "--offline --no-audit --no-fund --loglevel error";
const look = `npx --offline one && node -p 'require("@scope/two")'`;

describe.skipIf(image === undefined).each([...runtimes])("npm in a kept folder under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeWorkWorld(run, image ?? "", runtime, files);
    for (const name of ["one", "two"]) {
      const words = ["tar", "--transform", `s,^${name},package,`, "-czf", `${name}.tgz`, name];
      expect(await Bun.spawn(words, { cwd: world.workspace }).exited).toBe(0);
    }
    await git(world.workspace, "add", "--all");
    await git(world.workspace, "commit", "--quiet", "--message", "Archives");
    const setup = { run: [`npm install ${flags}`], inputs: ["package.json"], keep: ["node_modules"] };
    const manifest = { bottles: { b: { setup } }, agents: { hello: { bottle: "b", prompt: "" } } };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
  });
  afterAll(async () => {
    await run.end();
    await world.remove();
  });

  test("finds what the setup installed, and installs, changes and installs anew in its place", async () => {
    const script = `set -e; ${look}; npm install ${flags}; npm ci ${flags}; npm uninstall ${flags} one; [ ! -e node_modules/one ]; npm install ${flags} one@file:one.tgz; ${look}`;
    const { stdout, stderr } = await runSession(world, script);
    expect(stderr).toContain("Running the setup");
    const lines = stdout.split("\n");
    expect(lines.slice(0, 2)).toEqual(["one runs", "two is there"]);
    expect(lines.slice(-3)).toEqual(["one runs", "two is there", ""]);
  });

  test("finds it at the next start, too, whatever was done to it before", async () => {
    const { stdout, stderr } = await runSession(world, look);
    expect(stderr).not.toContain("Running the setup");
    expect(stdout).toBe("one runs\ntwo is there\n");
  });
});
