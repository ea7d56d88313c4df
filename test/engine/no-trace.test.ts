import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, generateKeyPairSync } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createContainer, listContainers, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { readInfo } from "../../src/engine/system.ts";
import { authorityFolder } from "../../src/plan/pipelock-config.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { hostKey } from "../support/manifests.ts";
import { makeSourceEnvironment, sourceCommand } from "../support/run-source.ts";
import { chooseRuntime, listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { aFolder, putFiles } from "../support/temporary.ts";
import { makeCanary, makeKeyPatterns, makePatterns, makeSshKeyPatterns } from "../support/trace-forms.ts";
import { findEngineFolders, searchEngine, searchFiles, searchProcesses } from "../support/trace-search.ts";

// Needs: ssh-keygen
// Runs alone: it reads whatever has changed on the machine, which is little then
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const why = typeof found === "string" ? found : await whyNotHere();
if (why !== undefined && typeof found !== "string") console.warn(`Skipping the search for traces: ${why}`);
const runtimes = why === undefined ? await listRuntimes(engine) : (["runc"] as const);
const cases = [
  ...runtimes.map((runtime) => [runtime, "gate", "attached"] as const),
  ["runc", "env", "attached"] as const,
  ["runc", "gate", "detached"] as const,
];
let run: TestRun;
let since: Date;

/** A search needs the engine's files on this machine, and the right to read them. */
async function whyNotHere(): Promise<string | undefined> {
  const { DockerRootDir = "" } = await readInfo(engine);
  if (process.platform !== "linux" || Bun.which("find") === null) return "it needs Linux and find";
  return readdir(join(DockerRootDir, "containers")).then(
    () => undefined,
    () => `the engine's data root ${DockerRootDir} cannot be read here`,
  );
}

describe.skipIf(why !== undefined)("secrets", () => {
  beforeEach(() => {
    run = beginTestRun(engine);
    since = new Date();
  });
  afterEach(() => run.end());

  test.each(cases)(
    "leave no trace under %s with auth %s, %s, during the session and after it",
    async (runtime, auth, mode) => {
      const session = await beginSession(runtime, auth, mode);
      const { patterns, label } = session;
      // The search finds them where they have to be: in the user's own files
      const own = (await searchFiles([session.folder], patterns, since)).map((hit) => hit.split(": ")[1]);
      expect(own).toEqual(expect.arrayContaining(["key line", "literal"]));
      const [agent] = await listContainers(engine, [label, "claude-bottle.role=agent"]);
      const folders = await findEngineFolders((await readInfo(engine)).DockerRootDir ?? "", agent?.Id ?? "");
      // The data root, and what the shim's own folder leads to
      expect(folders.length).toBeGreaterThan(1);
      const everywhere = async () => [
        ...(await searchFiles(folders, patterns, since)),
        ...(await searchFiles(
          [session.folder, "/tmp", "/dev/shm", "/var/tmp"],
          patterns,
          since,
          session.isTheirs,
        )),
        ...(await searchEngine(engine, label, patterns, since)),
      ];
      expect(await everywhere()).toEqual([]);
      expect(await searchProcesses(patterns, session.mayHold)).toEqual([]);
      expect(await session.end()).toBe(0);
      expect(await listContainers(engine, [label])).toEqual([]);
      expect(await everywhere()).toEqual([]);
      expect(await searchProcesses(patterns, session.mayHold)).toEqual([]);
    },
  );

  test("the control: are found by the same search where a create or an exec body holds them", async () => {
    const inEnv = makeCanary("env");
    const inExec = makeCanary("exec");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const authority = privateKey.export({ type: "sec1", format: "pem" }).toString();
    const patterns = [
      ...[inEnv, inExec].flatMap(({ name, core }) => makePatterns(name, core)),
      ...makeKeyPatterns("authority key", authority),
    ];
    const name = run.name("control");
    const { id } = await createContainer(engine, name, {
      Image: await imageForTests(engine),
      Entrypoint: [],
      Cmd: ["sh", "-c", "echo $SECRET; exec sleep 60"],
      Env: [`SECRET=${inEnv.value}`, `AUTHORITY=${authority}`],
      Labels: run.labels,
      HostConfig: { NetworkMode: "none", Init: true },
    });
    await startContainer(engine, id);
    await runExec(engine, name, { command: ["true", inExec.value] });
    const folders = await findEngineFolders((await readInfo(engine)).DockerRootDir ?? "", id);
    const files = await searchFiles(folders, patterns, since);
    const label = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`)[0] ?? "";
    const told = await searchEngine(engine, label, patterns, since);
    expect(files).toContainEqual(expect.stringMatching(/config\.v2\.json: env$/));
    expect(files).toContainEqual(expect.stringMatching(/meta\.db: env$/));
    expect(files).toContainEqual(expect.stringMatching(/config\.v2\.json: authority key$/));
    // What a container prints is in its log where the engine keeps one
    expect(told).toContainEqual(expect.stringMatching(/^logs of .*: env$/));
    expect(told).toContainEqual(expect.stringMatching(/^inspect .*: env$/));
    expect(told).toContain("events: exec");
    expect(await searchProcesses(patterns, () => Promise.resolve(false))).toContainEqual(
      expect.stringMatching(/environ: env$/),
    );
  });
});

/** A session that was given a canary by each way there is, as far as its claude waits for a line. */
async function beginSession(runtime: RuntimeChoice, auth: "gate" | "env", mode: "attached" | "detached") {
  const folder = await aFolder();
  const home = join(folder, "home");
  const canaries = ["literal", "copied", "bound", "token"].map(makeCanary);
  const [literal, copied, bound, token] = canaries.map((one) => one.value);
  const key = join(home, ".ssh/id");
  const manifest = {
    bottles: {
      b: {
        env: {
          LITERAL: literal,
          COPIED: "${HOST_COPIED}",
          BOUND: { value: "${HOST_BOUND}", hosts: ["bound.test"] },
        },
        ssh: [{ Host: "git", Hostname: "git.test", User: "git", IdentityFile: key, KnownHostKey: hostKey }],
        egress: { allowlist: ["bound.test"] },
        auth,
      },
    },
    agents: { a: { bottle: "b" } },
  };
  await putFiles(home, { "claude-bottle.json": JSON.stringify(manifest), ".ssh/known_hosts": "" });
  await Bun.$`ssh-keygen -q -t ed25519 -N "" -f ${key}`.quiet();
  await Bun.$`mkdir ${join(folder, "tmp")}`;
  await chooseRuntime(engine, home, runtime);
  const label = Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "";
  // Put together by the agent, so that only what it printed holds the whole
  const printed = makeCanary("output").core;
  const [front, back] = [printed.slice(0, 20), printed.slice(20)];
  const script =
    `printf '%s%s\\n' ${front} ${back}; ` +
    'for v in "$LITERAL" "$COPIED"; do printf %s "$v" | sha256sum; done; ssh-add -l | cut -d" " -f1; echo READY; read -r line';
  const env = {
    ...makeSourceEnvironment({ cwd: home, home }),
    TMPDIR: join(folder, "tmp"),
    CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
    CLAUDE_BOTTLE_LABELS: label,
    CLAUDE_BOTTLE_OAUTH_TOKEN: token ?? "",
    HOST_COPIED: copied ?? "",
    HOST_BOUND: bound ?? "",
  };
  const start = (words: readonly string[]) =>
    Bun.spawn([...sourceCommand, ...words], {
      cwd: home,
      env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
  const isDetached = mode === "detached";
  const child = start(["start", "a", "--yes", ...(isDetached ? ["--detach"] : []), "--", "-c", script]);
  const said = await readUntil(child.stdout, isDetached ? "\n" : "READY\n");
  if (said === "") throw new Error(await new Response(child.stderr).text());
  const arrived = [literal, copied].map((value) =>
    createHash("sha256")
      .update(value ?? "")
      .digest("hex"),
  );
  // The secrets did arrive
  if (!isDetached) expect(said.split(/ .*\n|\n/)).toEqual([printed, ...arrived, "256", "READY", ""]);
  const name = said.trim();
  const patterns = [
    ...canaries.flatMap(({ name, core }) => makePatterns(name, core)),
    ...(await makeSshKeyPatterns(key)),
    ...makePatterns("output", printed),
    ...makeKeyPatterns("authority key", await readAuthorityKey(label)),
  ];
  const theirs = new Set([join(home, "claude-bottle.json"), key]);
  return {
    folder,
    label,
    patterns,
    isTheirs: (path: string) => theirs.has(path),
    // The launcher's own environment and the test's are the user's; the agent's holds what it was given
    mayHold: async (pid: number) => pid === child.pid || pid === process.pid || isInContainer(pid),
    async end() {
      child.stdin.write("\n");
      await child.stdin.end();
      return isDetached ? start(["stop", name]).exited : child.exited;
    },
  };
}

async function readUntil(stream: ReadableStream<Uint8Array>, wanted: string): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  return text;
}

/** The key that the sidecar signs certificates of opened hosts with, out of the gate's memory. */
async function readAuthorityKey(label: string): Promise<string> {
  const [gate] = await listContainers(engine, [label, "claude-bottle.role=gate"]);
  const command = ["cat", `${authorityFolder}/ca-key.pem`];
  const { exitCode, stdout } = await runExec(engine, gate?.Id ?? "", { command });
  expect(exitCode).toBe(0);
  return stdout;
}

async function isInContainer(pid: number): Promise<boolean> {
  const cgroup = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
  return /\/docker[/-]|\/moby\//.test(cgroup);
}
