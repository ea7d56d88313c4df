import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { Project, SessionWorld } from "../support/session/world.ts";
import { waitUntil } from "../support/launcher.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let world: SessionWorld;

const secret = "a-secret-of-the-manifest";
const manifest = {
  bottles: {
    plain: {
      egress: { private: ["api.anthropic.com"] },
      env: { GITEA_TOKEN: "${HOST_TOKEN}", WORD: "literal" },
    },
  },
  agents: { tester: { bottle: "plain" }, other: { bottle: "plain" } },
};

const projects: Project[] = [];

async function makeProject(runtime: RuntimeChoice): Promise<Project> {
  const programs = join(await mkdtemp(join(tmpdir(), "detached-")), "programs");
  const PATH = `${programs}:${process.env["PATH"] ?? ""}`;
  const project = await world.makeProject(runtime, manifest, { HOST_TOKEN: secret, PATH });
  projects.push(project);
  return project;
}

interface Listed {
  readonly name: string;
  readonly activity: string;
  readonly memoryBytes: number;
  readonly refused: number;
  readonly workspace: string | null;
}

async function listOwn(project: Project): Promise<Listed[]> {
  const { stdout } = await project.run(["list", "--json"]);
  return (JSON.parse(stdout) as Listed[]).filter((one) => one.activity !== undefined);
}

async function waitForActivity(project: Project, activity: string): Promise<Listed> {
  let found: Listed | undefined;
  await waitUntil(async () => {
    found = (await listOwn(project)).find((one) => one.activity === activity);
    return found !== undefined;
  }, `a bottle is ${activity}`);
  return found as Listed;
}

async function start(project: Project, ...words: string[]): Promise<string> {
  const result = await project.run(["start", ...words, "--detach", "--yes"]);
  expect(result.stderr).toContain("It runs in the background");
  // Where it stays on the screen: what attach says first is behind claude's own screen
  expect(result.stderr).toContain("(Ctrl-] d detaches)");
  expect(result.exitCode).toBe(0);
  return result.stdout.trim();
}

/** Text and Enter in one write would count as a paste */
async function enter(terminal: { type(text: string): void }, text: string): Promise<void> {
  terminal.type(text);
  await Bun.sleep(600);
  terminal.type("\r");
}

describe.skipIf(typeof found === "string")("a bottle in the background", () => {
  beforeAll(async () => {
    world = await beginSessionWorld(engine);
  });
  // A test that failed must not leave its launchers behind
  afterEach(async () => {
    for (const project of projects.splice(0)) {
      await project.run(["stop", "--all"]);
      const programs = project.environment["PATH"]?.split(":")[0];
      if (programs) await rm(dirname(programs), { recursive: true, force: true });
    }
  });
  afterAll(() => world.end());

  test.each(runtimes)("is attached to from any terminal, left, and stopped, under %s", async (runtime) => {
    const project = await makeProject(runtime);
    const name = await start(project, "tester", "--cwd", "--name=review");
    expect(name).toMatch(/^review-[a-z0-9]{6}$/);
    const idle = await waitForActivity(project, "idle");
    expect(idle.name).toBe(name);
    expect(idle.memoryBytes).toBeGreaterThan(1_000_000);
    expect(idle.workspace).toBe(project.folder);

    const first = project.open(["attach", "review"]);
    await first.waitFor("bypass permissions on", 60_000);
    // Within claude's own screen
    await first.waitFor("Ctrl-] d detaches; Claude keeps running.");
    await enter(first, "say: hello from here");
    await first.waitFor("● hello from here", 60_000);
    await waitForActivity(project, "waiting");
    first.type("\u001dd");
    await first.waitFor(`Detached; ${name} is still running.`);
    expect(await first.exitCode).toBe(0);

    // Another size, another terminal: all of it is drawn at once, without a key
    const second = project.open(["attach", name], { columns: 77, rows: 23 });
    await second.waitFor("● hello from here", 10_000);
    await second.waitFor(new RegExp(`^${"─".repeat(77)}$`, "m"));
    // And as in the terminal that claude began in: a paste of two lines is one, and the shell's screen stays as it was
    expect(second.modes()).toEqual({ isAlternate: true, isPasteMarked: true, mouse: "any" });
    await enter(second, "run: tail -f /dev/null");
    await waitForActivity(project, "working");
    second.hangUp();
    expect(await second.exitCode).toBe(129);
    expect((await listOwn(project)).map((one) => one.name)).toEqual([name]);

    const stopped = await project.run(["stop", "rev"]);
    expect(stopped.stderr).toContain(`Stopped ${name}`);
    expect(stopped.exitCode).toBe(0);
    expect(await world.leftovers()).toEqual([]);
  });

  test.each(runtimes)("is entered with the agent's environment, under %s", async (runtime) => {
    const project = await makeProject(runtime);
    const name = await start(project, "tester");
    await waitForActivity(project, "idle");
    const script =
      'echo "$(id -un) $PWD $HTTPS_PROXY $GITEA_TOKEN $WORD $CLAUDE_CODE_OAUTH_TOKEN"; cat; exit 7';
    const result = await project.run(["exec", "tester", "--", "sh", "-c", script], { input: "piped in" });
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe(
      `node /home/node/workspace http://gate:8888 ${secret} literal claude-bottle-placeholder\npiped in`,
    );
    expect(result.exitCode).toBe(7);
    const missing = await project.run(["exec", "tester", "--", "no-such-program"]);
    expect(missing.stderr).toContain("no-such-program");
    expect(missing.exitCode).toBe(127);
    expect(JSON.stringify(await inspectExecs(name))).not.toContain(secret);

    const shell = project.open(["shell"]);
    await shell.waitFor("workspace$");
    await enter(shell, "test -t 0 && stty size && echo word=$WORD");
    await shell.waitFor(/30 100\nword=literal/);
    await enter(shell, "exit 3");
    expect(await shell.exitCode).toBe(3);

    const logs = await project.run(["logs", "tester", "--json"]);
    expect(logs.exitCode).toBe(0);
    expect((await project.run(["stop", "--all", "--json"])).stdout).toContain(`"name": "${name}"`);
    expect(await world.leftovers()).toEqual([]);
  });

  test("ends by itself when claude ends, and tells when it waits and when it has ended", async () => {
    const project = await makeProject("runc");
    const said = await stubDesktop(project);
    const starter = project.open(["start", "tester", "--detach", "--notify", "--yes"]);
    await starter.waitFor("It runs in the background", 60_000);
    expect(await starter.exitCode).toBe(0);
    await waitForActivity(project, "idle");
    const terminal = project.open(["attach"]);
    await terminal.waitFor("bypass permissions on", 60_000);
    await enter(terminal, "say: done");
    await terminal.waitFor("● done", 60_000);
    await waitForActivity(project, "waiting");
    for (let look = 0; look < 100 && !(await said()).includes("waits"); look += 1) await Bun.sleep(100);
    await enter(terminal, "/exit");
    expect(await terminal.exitCode).toBe(0);
    for (let look = 0; look < 100 && (await world.leftovers()).length > 0; look += 1) await Bun.sleep(100);
    expect(await world.leftovers()).toEqual([]);
    expect((await project.run(["sessions", "--json"])).stdout).toContain('"end": "ended"');
    const lines = (await said())
      .replaceAll(/tester-[a-z0-9]{6}/g, "NAME")
      .trim()
      .split("\n");
    expect(lines).toEqual(["claude-bottle: NAME waits for you", "claude-bottle: NAME has ended with 0"]);
  });

  test("is several at once, and all are stopped side by side", async () => {
    const project = await makeProject("runc");
    const names = await Promise.all([
      start(project, "tester", "--name=several"),
      start(project, "tester", "--name=several"),
      start(project, "other"),
    ]);
    expect(new Set(names).size).toBe(3);
    const ambiguous = await project.run(["stop", "several"]);
    expect(ambiguous.exitCode).toBe(2);
    expect(ambiguous.stderr).toContain("2 names match");
    const stopped = await project.run(["stop", "--all"]);
    expect(stopped.stderr.match(/^Stopped /gm)?.length).toBe(3);
    expect(await world.leftovers()).toEqual([]);
  });

  test("is undone when its launcher is killed", async () => {
    const project = await makeProject("runc");
    await start(project, "tester");
    await waitForActivity(project, "idle");
    const [entry] = await project.readJournal();
    if (!entry) throw new Error("There is no session");
    process.kill(entry.owner.pid, "SIGKILL");
    for (let look = 0; look < 200 && (await world.leftovers()).length > 0; look += 1) await Bun.sleep(100);
    expect(await world.leftovers()).toEqual([]);
  });
});

/** A desktop's own program that writes down what it is to show; gives a way to read it. */
async function stubDesktop(project: Project): Promise<() => Promise<string>> {
  const programs = project.environment["PATH"]?.split(":")[0] ?? "";
  const path = join(programs, "notify-send");
  await mkdir(programs, { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "$3: $4" >>${programs}/said\n`);
  await chmod(path, 0o755);
  return () => readFile(join(programs, "said"), "utf8").catch(() => "");
}

/** What the engine tells about the commands that were run in a bottle */
async function inspectExecs(name: string): Promise<unknown[]> {
  const container = await engine.json<{ ExecIDs: string[] | null }>(
    "GET",
    `/containers/claude-bottle-${name}/json`,
  );
  return Promise.all((container.ExecIDs ?? []).map((id) => engine.json<unknown>("GET", `/exec/${id}/json`)));
}
