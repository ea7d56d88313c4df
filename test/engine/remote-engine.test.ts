import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { listJournal } from "../../src/host/journal.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { beginOtherMachine, findObstacle, findSshObstacle } from "../support/remote/other-machine.ts";
import type { OtherMachine } from "../support/remote/other-machine.ts";
import { waitUntil } from "../support/launcher.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  listLeft,
  makeCommand,
  makeSessionWorld,
  readReceipts,
  runCommand,
  runSession,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";
import { git } from "../support/temporary.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const obstacle = image === undefined ? "there is no engine" : findObstacle();
if (obstacle !== undefined) console.warn(`Skipping the tests of a remote engine: ${obstacle}`);

const sshObstacle = findSshObstacle();
if (obstacle === undefined && sshObstacle !== undefined)
  console.warn(`Skipping the tests of an engine over ssh: ${sshObstacle}`);

/** A test for each way to the engine */
function testEach(name: string, work: (way: "tls" | "ssh") => Promise<void>): void {
  for (const way of ["tls", "ssh"] as const)
    test.skipIf(way === "ssh" && sshObstacle !== undefined)(`${name}, over ${way}`, () => work(way));
}

describe.skipIf(obstacle !== undefined)("an engine on another machine", () => {
  let run: TestRun;
  let machine: OtherMachine;
  let world: SessionWorld;

  beforeAll(async () => {
    run = beginTestRun(engine);
    if (engine.endpoint.kind !== "unix") throw new Error("These tests need the engine's socket");
    machine = await beginOtherMachine(engine.endpoint.socketPath);
  });
  afterAll(async () => {
    // The folder of a forward goes with the process that it was made for, a moment later
    const temporary = machine.environments.ssh["TMPDIR"];
    if (temporary !== undefined)
      await waitUntil(async () => (await readdir(temporary)).length === 0, "every forward's folder is gone");
    await machine.end();
    await run.end();
  });
  afterEach(async () => {
    await runCommand(world, ["stop", "--all"]);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  async function begin(way: "tls" | "ssh"): Promise<void> {
    const made = await makeSessionWorld(run, image ?? "", "runc");
    world = { ...made, prefix: machine.prefix, env: { ...made.env, ...machine.environments[way] } };
    await Bun.write(`${world.workspace}/a.txt`, "a\n");
    await git(world.workspace, "init", "--quiet");
    await git(world.workspace, "add", "--all");
    await git(world.workspace, "commit", "--quiet", "--message", "First");
  }

  testEach("takes a workspace and gives the work back", async (way) => {
    await begin(way);
    const script = "cat a.txt; head -c 3000000 /dev/zero; echo b >>a.txt; exit 5";
    const result = await runSession(world, script);
    expect(result.stdout.length).toBe(3_000_002);
    expect(result.exitCode).toBe(5);
    const [receipt] = await readReceipts(world);
    const ref = `refs/bottles/${receipt?.session}/uncommitted`;
    expect(await git(world.workspace, "show", `${ref}:a.txt`)).toBe("a\nb");
  });

  testEach("is attached to, entered, copied to and from, and stopped", async (way) => {
    await begin(way);
    const script = 'while read -r line; do echo "heard $line at $(stty size)"; done';
    const started = await runCommand(world, ["start", "hello", "--detach", "--yes", "--", "-c", script]);
    expect(started.stderr).toContain("It runs in the background");
    expect(started.exitCode).toBe(0);
    const name = started.stdout.trim();
    const listed = JSON.parse((await runCommand(world, ["list", "--json"])).stdout) as {
      name: string;
      activity: string;
    }[];
    expect(listed.find((one) => one.name === name)?.activity).toBe("idle");

    const { workspace: cwd, env } = world;
    const terminal = openPty(makeCommand(world, ["attach", name]), {
      cwd,
      env: { TERM: "xterm", ...env },
      columns: 90,
      rows: 20,
    });
    await terminal.waitFor("Ctrl-] d detaches");
    await Bun.sleep(1_000);
    terminal.type("something\r");
    await terminal.waitFor("heard something at 20 90");
    terminal.type("\u001dd");
    await terminal.waitFor("is still running");
    expect(await terminal.exitCode).toBe(0);

    const entered = await runCommand(world, ["exec", name, "--", "sh", "-c", "id -un; exit 4"]);
    expect(entered).toEqual({ stdout: "node\n", stderr: "", exitCode: 4 });
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))
      .toString("base64")
      .repeat(40);
    await writeFile(join(cwd, "sent"), content);
    for (const words of [
      ["sent", `${name}:here`],
      [`${name}:here`, "back"],
    ])
      expect(await runCommand(world, ["cp", ...words])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    expect(await readFile(join(cwd, "back"), "utf8")).toBe(content);
    expect((await runCommand(world, ["stop", name])).exitCode).toBe(0);
  });

  testEach("is undone when the launcher is killed", async (way) => {
    await begin(way);
    await runCommand(world, ["start", "hello", "--detach", "--yes", "--", "-c", "sleep 1000"]);
    const [entry] = await listJournal(`${world.home}/.local/state/claude-bottle`);
    if (!entry) throw new Error("There is no session");
    process.kill(entry.owner.pid, "SIGKILL");
    await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
  });

  test.skipIf(sshObstacle !== undefined)("says what ssh says when it does not get there", async () => {
    await begin("ssh");
    world = { ...world, env: { ...world.env, DOCKER_HOST: "ssh://127.0.0.1:1" } };
    const result = await runCommand(world, ["list"]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain(
      "ssh cannot connect: ssh: connect to host 127.0.0.1 port 1: Connection refused",
    );
    world = { ...world, env: { ...world.env, ...machine.environments.ssh } };
  });
});
