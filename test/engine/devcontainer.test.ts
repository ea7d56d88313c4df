/** Bottles whose image is that of a devcontainer.json: one that others made, one that is built, and those that are refused. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage, removeImage } from "../../src/engine/images.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { beginTestRun, engineForTests, imageForTests, labelsOf } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensurePlainImage } from "../support/plain-images.ts";
import { runInImage } from "../support/run-in-image.ts";
import { listLeft, runCommand } from "../support/scripted-session.ts";
import type { CommandResult, SessionWorld } from "../support/scripted-session.ts";
import { removeTrees } from "../support/setup-trees.ts";
import { putFiles } from "../support/temporary.ts";
import { makeWorkWorld } from "../support/work-session.ts";

// What a bottle lacks is installed in the build, by Debian's package lists
setDefaultTimeout(400_000);
const found = await engineForTests();
const engine = found as Engine;
const place = ".devcontainer/devcontainer.json";
/** One session, in which Claude Code says its version and ends */
const showVersion = ["start", "hello", "--cwd", "--yes", "--trust-project", "--", "--version"];

describe.skipIf(typeof found === "string")("a bottle with a devcontainer.json", () => {
  let run: TestRun;
  let world: SessionWorld;
  const made: string[] = [];

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterEach(async () => {
    if (!world) return;
    await removeTrees(run);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
  afterAll(async () => {
    for (const reference of made.toReversed()) await removeImage(engine, reference);
    await run.end();
  });

  /** A project with the file, and a manifest that takes it */
  async function begin(devcontainer: unknown, keys = {}, files: Record<string, string> = {}): Promise<void> {
    const manifest = {
      bottles: { dev: { image: { devcontainer: true }, ...keys } },
      agents: { hello: { bottle: "dev", prompt: "" } },
    };
    const { CLAUDE_BOTTLE_IMAGE: _, ...env } = (world = await makeWorkWorld(run, "", "runc", {
      ...files,
      [place]: JSON.stringify(devcontainer),
      ".gitignore": "out/\n",
      "claude-bottle.json": JSON.stringify(manifest),
    })).env;
    world = { ...world, env: { ...env, CLAUDE_BOTTLE_BASE_IMAGE: await imageForTests(engine) } };
    await rm(join(world.home, "claude-bottle.json"));
  }

  async function start(...words: string[]): Promise<CommandResult> {
    const result = await runCommand(world, words);
    for (const [, name = ""] of result.stderr.matchAll(/^Building (claude-bottle:\S+) on/gm)) made.push(name);
    return result;
  }

  async function readImage(): Promise<Record<string, string>> {
    const { stdout } = await start("start", "hello", "--cwd", "--dry-run", "--json");
    return (JSON.parse(stdout) as { image: Record<string, string> }).image;
  }

  test("runs Claude Code on a plain Debian image that has neither node nor git, and leaves its user's name", async () => {
    await begin({
      image: await ensurePlainImage(engine, "debian"),
      forwardPorts: [3000],
      remoteUser: "vscode",
    });
    const { stdout, stderr } = await start(...showVersion);
    expect(stdout).toContain("(Claude Code)");
    expect(stderr).toContain("forwardPorts opens no port");
    const image = await readImage();
    expect(image).toMatchObject({ state: "exists", sidecarReference: await ensureAgentImage(engine) });
    expect(image["reference"]).not.toBe(image["sidecarReference"]);
    const script =
      "node --version; npm --version; for one in git ssh rsync socat ps curl bash; do command -v $one || echo lacks $one; done; grep :1000: /etc/passwd; find / -xdev -perm /6000 -type f";
    expect((await runInImage(run, image["reference"] ?? "", script)).split("\n")).toEqual([
      expect.stringMatching(/^v22\./),
      expect.stringMatching(/^\d+\./),
      "/usr/bin/git",
      "/usr/bin/ssh",
      "/usr/bin/rsync",
      "/usr/bin/socat",
      "/usr/bin/ps",
      "/usr/bin/curl",
      "/usr/bin/bash",
      "vscode:x:1000:1000::/home/node:/bin/bash",
      "",
    ]);
  });

  const build = { dockerfile: "Dockerfile", context: "..", args: { VERSION: "7" }, target: "dev" };
  const built = {
    build,
    containerEnv: { A: "theirs", B: "container" },
    remoteEnv: { B: "${containerWorkspaceFolder}/b" },
    onCreateCommand: ["sh", "-c", 'mkdir -p out && echo "$B" >out/log'],
    postCreateCommand: { one: "echo one >>out/log", two: "echo two >>out/log" },
  };
  const setup = { run: ["echo mine >>out/log"], inputs: ["lock.json"], keep: ["out"] };
  const dockerfile = async () =>
    [
      `FROM ${await ensurePlainImage(engine, "complete")} AS tools`,
      "ARG VERSION=none",
      'RUN echo "$VERSION" >/opt/version',
      "FROM tools AS dev",
      "COPY lock.json /opt/lock.json",
      "FROM tools AS later",
      "RUN echo later >/opt/version",
      "",
    ].join("\n");

  test("runs what its build makes, with its variables and commands, beside a sidecar of the default image", async () => {
    const files = { ".devcontainer/Dockerfile": await dockerfile(), "lock.json": '{"lock":1}\n' };
    await begin(built, { env: { A: "mine" }, setup }, files);
    const started = await start("start", "hello", "--cwd", "--yes", "--trust-project", "--detach");
    expect(started.stderr).toContain("Running the setup");
    const name = started.stdout.trim().split("\n").at(-1) ?? "";
    const script = "cat out/log /opt/version /opt/lock.json; echo $A; claude --version; id -un";
    const { stdout } = await start("exec", name, "--", "sh", "-c", script);
    const ids = (await listContainers(engine, labelsOf(run))).map(
      (one) => (one as { ImageID?: string }).ImageID,
    );
    await start("stop", name);
    const lines = ["/home/node/workspace/b", "one", "two", "mine", "7", '{"lock":1}', "mine"];
    expect(stdout.split("\n")).toEqual([...lines, expect.stringContaining("(Claude Code)"), "node", ""]);
    const { reference = "", sidecarReference = "" } = await readImage();
    expect(sidecarReference).toBe(await ensureAgentImage(engine));
    const [own, sidecar] = await Promise.all([
      findImage(engine, reference),
      findImage(engine, sidecarReference),
    ]);
    expect(new Set(ids)).toEqual(new Set([own?.id, sidecar?.id]));
  });

  test("is asked about again once the file, its Dockerfile or what it copies is another", async () => {
    const text = await dockerfile();
    const files = { ".devcontainer/Dockerfile": text, "lock.json": '{"lock":1}\n' };
    await begin({ build }, {}, files);
    await start(...showVersion);
    const changes: Record<string, string>[] = [
      { [place]: JSON.stringify({ build: { ...build, args: { VERSION: "8" } } }) },
      { [place]: `${JSON.stringify({ build })}// a comment` },
      { ".devcontainer/Dockerfile": `${text}# more\n` },
      { "lock.json": "{}\n" },
    ];
    for (const change of changes) {
      await putFiles(world.workspace, change);
      const changed = await start("build", "hello");
      expect(changed.stderr).toContain("is a project file and changed since it was approved");
      await putFiles(world.workspace, { ...files, [place]: JSON.stringify({ build }) });
      // The control: as it was approved it is built without a question
      expect((await start("build", "hello")).exitCode).toBe(0);
    }
  });

  test("has its features, installed by root in their order, with options, variables and the agent's user", async () => {
    const install = (name: string) =>
      `#!/bin/bash\nset -e\necho "${name} $(id -u) $_REMOTE_USER $_REMOTE_USER_HOME \${VERSION:-} $TOOL" >>/opt/features\nprintf '#!/bin/sh\\necho ${name} runs\\n' >/usr/local/bin/${name}\nchmod 4755 /usr/local/bin/${name}\n`;
    const feature = (name: string, keys: object) => ({
      [`.devcontainer/${name}/devcontainer-feature.json`]: JSON.stringify({
        id: name,
        version: "1.0.0",
        ...keys,
      }),
      [`.devcontainer/${name}/install.sh`]: install(name),
    });
    const files = {
      ...feature("late", { installsAfter: ["early"], options: { version: { default: "7" } } }),
      ...feature("early", { containerEnv: { TOOL: "set by early", PATH: "/opt/early:${PATH}" } }),
    };
    const image = await ensurePlainImage(engine, "complete");
    await begin({ image, features: { "./late": { version: "8's" }, "./early": {} } }, {}, files);
    const { stdout, stderr, exitCode } = await start(...showVersion);
    expect([exitCode, stdout.includes("(Claude Code)")], stderr).toEqual([0, true]);
    expect(stderr).toContain("feature ./early (2 files");
    const made = await readImage();
    const script =
      "cat /opt/features; early; late; echo $PATH $TOOL; ls /opt/claude-bottle; find / -xdev -perm /6000 -type f";
    expect((await runInImage(run, made["reference"] ?? "", script)).split("\n")).toEqual([
      "early 0 node /home/node  set by early",
      "late 0 node /home/node 8's set by early",
      "early runs",
      "late runs",
      expect.stringMatching(/^\/opt\/early:.* set by early$/),
      "bin",
      "first",
      "layer",
      "lib",
      "",
    ]);
    expect(made["sidecarReference"]).toBe(await ensureAgentImage(engine));
    // What is in a feature's folder is approved with the file
    await putFiles(world.workspace, { ".devcontainer/early/more": "x" });
    const changed = await start("start", "hello", "--cwd", "--yes", "--", "--version");
    expect(changed.stderr).toContain("is a project file and changed since it was approved");
  });

  test("is refused with its place before anything is made", async () => {
    const image = await ensurePlainImage(engine, "debian");
    await begin({
      image,
      mounts: ["source=/,target=/host,type=bind"],
      runArgs: ["--privileged"],
      features: { "ghcr.io/x/go:1": {} },
    });
    const { stderr, exitCode } = await start(...showVersion);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('devcontainer.json": 3 problems');
    for (const key of [
      "mounts would bring",
      "runArgs would change",
      'features["ghcr.io/x/go:1"] is published in a registry',
    ])
      expect(stderr).toContain(key);
    expect(stderr).not.toContain("Building");
    await writeFile(join(world.workspace, place), JSON.stringify({ image, mounts: [], runArgs: [] }));
    // The control: with nothing in them the same file is taken
    expect((await start("start", "hello", "--cwd", "--dry-run")).exitCode).toBe(0);
  });
});
