/** A start in the home folder: refused before anything is listed or asked for, with the flag that is for it. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { writeReceipt } from "../../src/host/session-records.ts";
import { stateFolder } from "../../src/host/state.ts";
import { aReceipt } from "../support/receipts.ts";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(30_000);
const manifest = '{ "bottles": { "b": {} }, "agents": { "helper": { "bottle": "b" } } }';
const hint = "hint: Change to the folder of a project, or pass --allow-home to copy all of it.\n";
const start = ["start", "helper", "--cwd", "--yes"];

/** A home folder, and a git in front of all others that leaves a mark when it is run. */
async function aHome() {
  const root = await realpath(await aFolder({ "bin/git": "" }));
  const home = join(root, "u");
  await mkdir(join(home, "project"), { recursive: true });
  await Bun.write(join(home, "claude-bottle.json"), manifest);
  await Bun.write(join(root, "bin/git"), `#!/bin/sh\ntouch ${root}/listed\nexit 1\n`);
  await chmod(join(root, "bin/git"), 0o755);
  const env = {
    HOME: home,
    PATH: `${root}/bin:${process.env["PATH"] ?? ""}`,
    CLAUDE_BOTTLE_OAUTH_TOKEN: "x",
    DOCKER_HOST: "unix:///nonexistent/docker.sock",
  };
  const wasListed = () => Bun.file(join(root, "listed")).exists();
  return { root, home, env, wasListed };
}

describe("the home folder as a workspace", () => {
  test.each([
    ["start", start],
    ["start --detach", [...start, "--detach"]],
    ["start --dry-run", ["start", "helper", "--cwd", "--dry-run"]],
    ["run", ["run", "helper", "--cwd", "-p", "x"]],
  ])("is refused by %s, and nothing is listed", async (_name, words) => {
    const { root, home, env, wasListed } = await aHome();
    expect(await runBinary(words, { cwd: home, env })).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: `error: Cannot copy "${home}": it is your home folder\n${hint}`,
    });
    for (const above of [root, "/"]) {
      const { stderr } = await runBinary(words, { cwd: above, env });
      expect(stderr).toBe(`error: Cannot copy "${above}": your home folder "${home}" is in it\n${hint}`);
    }
    expect(await wasListed()).toBe(false);
  });

  test("is refused by resume too, and taken by each of them with the flag", async () => {
    const { home, env, wasListed } = await aHome();
    await writeReceipt(stateFolder({ env: {}, home }), aReceipt({ agent: "helper", workspace: home }));
    const resume = ["resume", "k3f9q2", "--yes"];
    const { stderr } = await runBinary(resume, { cwd: join(home, "project"), env });
    expect(stderr).toBe(`error: Cannot copy "${home}": it is your home folder\n${hint}`);
    expect(await wasListed()).toBe(false);
    // The control: with the flag it is listed
    for (const words of [resume, start, ["run", "helper", "--cwd", "-p", "x"]]) {
      const meant = await runBinary([...words, "--allow-home"], { cwd: home, env });
      expect(meant.stderr).toContain("/nonexistent/docker.sock");
    }
    expect(await wasListed()).toBe(true);
  });

  test("may have a project in it", async () => {
    const { home, env } = await aHome();
    const { stderr } = await runBinary(start, { cwd: join(home, "project"), env });
    expect(stderr).toContain("/nonexistent/docker.sock");
  });

  test("is no matter without --cwd, where the flag has no place", async () => {
    const { home, env } = await aHome();
    const { stderr } = await runBinary(["start", "helper", "--yes"], { cwd: home, env });
    expect(stderr).toContain("/nonexistent/docker.sock");
    for (const name of ["start", "run"]) {
      const words = [name, "helper", "--allow-home"];
      expect(await runBinary(words, { cwd: home, env, input: "x" })).toMatchObject({
        exitCode: 2,
        stderr: `error: Cannot run "claude-bottle ${name}": --allow-home needs --cwd\nhint: Add --cwd, or leave --allow-home out.\n`,
      });
    }
  });
});
