/**
 * A project that nobody approved, and every command of the program run in it: nothing of its manifest may reach the engine. The list of
 * commands is the program's own, so that a new one is tried too.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import { commandTable } from "../../src/cli/command-table.ts";
import { startRecordingEngine } from "../support/recording-engine.ts";
import type { RecordingEngine } from "../support/recording-engine.ts";
import { openPty } from "../support/session/pty.ts";
import { sourceCommand } from "../support/run-source.ts";
import { aRepository, aFolder, putFiles } from "../support/temporary.ts";
import { calls } from "../support/manifest-calls.ts";

setDefaultTimeout(60_000);

/** Stands in everything that the manifest grants, and nowhere else */
const evil = "evil-canary";

const agents = {
  dockerfile: {
    image: { dockerfile: "./evil-canary.Dockerfile", context: "./evil-canary" },
    env: { A: evil },
    egress: { allowlist: [`${evil}.example`] },
  },
  packages: { packages: { apt: [evil], npm: [evil] }, egress: { allowlist: [`${evil}.example`] } },
  image: { image: { name: `${evil}.example/image:1` } },
  layered: { image: { name: `${evil}.example/image:1` }, packages: { npm: [evil] } },
  services: { services: { [evil]: { image: `${evil}.example/image:1`, env: { A: evil } } } },
  rules: {
    egress: { allowlist: [{ host: `${evil}.example`, allow: ["GET /**"] }] },
    git: [{ repo: `code.example/${evil}/shop`, push: ["agent/*"] }],
    bounds: { [`${evil}.example`]: { requests: 1 } },
    canaries: ["aws"],
  },
  hosts: { egress: { allowlist: [`${evil}.example`], private: [`${evil}.internal`] } },
};
type Agent = keyof typeof agents;
const names = Object.keys(agents) as Agent[];

async function aProject(engine: RecordingEngine) {
  const home = await aFolder();
  const project = await aRepository({
    "evil-canary.Dockerfile": `ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\nRUN ${evil}\n`,
    "evil-canary/file": evil,
    "claude-bottle.json": JSON.stringify({
      bottles: agents,
      agents: Object.fromEntries(names.map((name) => [name, { bottle: name, prompt: evil }])),
    }),
  });
  await mkdir(join(home, "tmp"));
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TMPDIR: join(home, "tmp"),
    DOCKER_HOST: engine.host,
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    CLAUDE_BOTTLE_EGRESS: "builtin",
    CLAUDE_BOTTLE_BASE_IMAGE: "base:1",
    EDITOR: "true",
  };
  engine.images.set("base:1", "sha256:base");
  return {
    home,
    project,
    run: (words: readonly string[], input = "") =>
      tryTool([...sourceCommand, ...words], { cwd: project, env, input }),
    open: (words: readonly string[]) =>
      openPty([...sourceCommand, ...words], {
        cwd: project,
        env: { ...env, TERM: "xterm-256color" },
        columns: 400,
        rows: 60,
      }),
  };
}

/** Requests that hold something of the manifest; looking an image up by its name is what the plan to be approved is made of. */
function tellingOf({ requests }: RecordingEngine): string[] {
  return requests.flatMap(({ method, path, query, body }) => {
    const place = decodeURIComponent(`${path}?${query.toString()}`);
    const isLook = method === "GET" && /^\/v[\d.]+\/images\/[^?]+\/json\?$/.test(place);
    return !isLook && (place.includes(evil) || body.includes(evil))
      ? [`${method} ${place}`.slice(0, 200)]
      : [];
  });
}

describe("in a project that was not approved", () => {
  test.each(Object.keys(commandTable))("%s brings nothing of the manifest to the engine", async (command) => {
    const found = calls[command];
    if (found === undefined) throw new Error(`Say how ${command} is called, or why it takes no manifest`);
    if ("takesNone" in found) return;
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    for (const [index, makeWords] of found.entries()) {
      for (const agent of index === 0 && makeWords("a").includes("a") ? names : names.slice(0, 1)) {
        await run(makeWords(agent));
        expect([makeWords(agent), tellingOf(engine)]).toEqual([makeWords(agent), []]);
      }
    }
  });

  test("build asks whoever is at the terminal: a no builds nothing, and a yes is remembered", async () => {
    await using engine = await startRecordingEngine();
    const { run, open } = await aProject(engine);
    const no = open(["build", "packages"]);
    await no.waitFor("Build this image? [y/N]");
    expect(no.screen()).toContain(`with npm packages ${evil}`);
    no.type("n\n");
    expect([await no.exitCode, tellingOf(engine)]).toEqual([1, []]);
    const yes = open(["build", "packages"]);
    await yes.waitFor("Build this image? [y/N]");
    yes.type("y\n");
    expect(await yes.exitCode).toBe(0);
    expect(tellingOf(engine).join("\n")).toContain("POST /v1.41/build");
    expect((await run(["build", "packages"])).exitCode).toBe(0);
  });

  test("supervise does not execute a plan by another digest than the approved one's", async () => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    for (const agentName of names) {
      const off = { isDryRun: false, isJson: false, isVerbose: false, hasWorkspace: false };
      const on = { isYes: true, trustsProject: true, hasTranscript: true };
      const request = { agentName, claudeArguments: [], ...off, ...on };
      const message = {
        request,
        session: "abc123",
        env: { CLAUDE_BOTTLE_OAUTH_TOKEN: "anything" },
        answers: [],
        passphrases: [],
        digest: "0",
        terminal: { environment: {}, columns: 80, rows: 24 },
        notifies: false,
      };
      const { stderr } = await run(["supervise"], JSON.stringify(message));
      expect(stderr).toContain("changed since the plan was shown");
      expect(tellingOf(engine)).toEqual([]);
    }
  });

  test.each(["build", "verify"])("%s says what to do, and does nothing else", async (command) => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    const { exitCode, stderr, stdout } = await run([command, "dockerfile"]);
    expect([exitCode, stdout, stderr]).toEqual([
      2,
      "",
      `error: Cannot ${command} without asking: claude-bottle.json is a project file and was not approved\nhint: Read what it may reach with "claude-bottle trust dockerfile" and approve it.\n`,
    ]);
    expect(engine.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

describe("the control: once it was approved", () => {
  const doing: readonly (readonly [string, Agent])[] = [
    ["build", "dockerfile"],
    ["build", "packages"],
    ["verify", "dockerfile"],
    ["verify", "packages"],
    ["run", "dockerfile"],
    ["start", "packages"],
  ];
  test.each(doing)("%s %s does bring it there", async (command, agent) => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    await run(["trust", agent, "--yes"]);
    expect(tellingOf(engine)).toEqual([]);
    await run([
      command,
      agent,
      ...(command === "start" ? ["--yes"] : []),
      ...(command === "run" ? ["-p", "x"] : []),
    ]);
    expect(tellingOf(engine).join("\n")).toContain("POST /v1.41/build");
    // On the network that was shown, and on no other that the engine or a client of it would take
    const builds = engine.requests.filter(({ path }) => path.endsWith("/build"));
    expect(new Set(builds.map(({ query }) => query.get("networkmode")))).toEqual(new Set(["default"]));
  });

  test("the text that is run is shown for it, whole, and what changed of it the next time", async () => {
    await using engine = await startRecordingEngine();
    const { run, project } = await aProject(engine);
    const first = await run(["trust", "dockerfile", "--yes"]);
    expect(first.stderr).toContain(`dockerfile 1  ARG BASE_IMAGE\n`);
    expect(first.stderr).toContain(`3  RUN ${evil}\n`);
    expect(first.stderr).toContain("on the engine's default network");
    await putFiles(project, { "evil-canary.Dockerfile": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN other\n" });
    const second = await run(["start", "dockerfile", "--yes"]);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toContain(`dockerfile -3  RUN ${evil}\n             +3  RUN other\n`);
  });

  test.each(["build", "verify"])("%s is refused again when the Dockerfile is another", async (command) => {
    await using engine = await startRecordingEngine();
    const { run, project } = await aProject(engine);
    await run(["trust", "dockerfile", "--yes"]);
    await putFiles(project, { "evil-canary.Dockerfile": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN other\n" });
    const { exitCode, stderr } = await run([command, "dockerfile"]);
    expect([exitCode, stderr.includes("changed since it was approved")]).toEqual([2, true]);
    expect(engine.requests.filter(({ path }) => path.endsWith("/build"))).toEqual([]);
  });

  test("an image is fetched by a trust, and what is run is what came then", async () => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    const name = `${evil}.example/image:1`;
    engine.registry.set(name, "sha256:good");
    await run(["trust", "image", "--yes"]);
    expect(tellingOf(engine).join("\n")).toContain("POST /v1.41/images/create");
    await run(["run", "image", "-p", "x"]);
    const creates = engine.requests.filter(({ path }) => path.endsWith("/containers/create"));
    const ran = new Set(creates.map(({ body }) => (JSON.parse(body.toString()) as { Image: string }).Image));
    expect([...ran]).toEqual(["sha256:good"]);
  });

  test.each([
    ["run", "image"],
    ["verify", "image"],
    ["build", "layered"],
    ["run", "layered"],
  ])("%s %s is refused once the tag means another image", async (command, agent) => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    const name = `${evil}.example/image:1`;
    engine.images.set(name, "sha256:good");
    await run(["trust", agent, "--yes"]);
    const words = [command, agent, ...(command === "run" ? ["-p", "x"] : [])];
    const before = await run(words);
    // The control: while the tag means the approved image it is not refused
    expect(before.stderr).not.toContain("changed since it was approved");
    engine.images.set(name, "sha256:moved");
    const seen = engine.requests.length;
    const { exitCode, stderr } = await run(words);
    expect(stderr).toContain("changed since it was approved");
    expect([exitCode, engine.requests.slice(seen).filter(({ method }) => method !== "GET")]).toEqual([2, []]);
  });

  test("a pull that moves the tag is asked about before anything is built on it", async () => {
    await using engine = await startRecordingEngine();
    const { run } = await aProject(engine);
    const name = `${evil}.example/image:1`;
    engine.images.set(name, "sha256:good");
    engine.registry.set(name, "sha256:moved");
    await run(["trust", "layered", "--yes"]);
    const { exitCode, stderr } = await run(["build", "layered", "--pull"]);
    expect([exitCode, stderr.includes("changed since it was approved")]).toEqual([2, true]);
    expect(engine.requests.filter(({ path }) => path.endsWith("/build"))).toEqual([]);
  });
});
