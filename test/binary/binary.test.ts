import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import packageJson from "../../package.json";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import { binaryPath, runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(20_000);
let folder: string;
/** Is there once a hostile folder's code has run */
let marker: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "claude-bottle-binary-"));
  marker = join(folder, "marker");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the binary", () => {
  test.each([[["--version"]], [["-V"]], [["version"]]])(
    "answers %j with its version on stdout",
    async (words) => {
      const { stdout, stderr, exitCode } = await runBinary(words, { cwd: folder });
      expect({ stdout, stderr, exitCode }).toEqual({
        stdout: `${packageJson.version}\n`,
        stderr: "",
        exitCode: 0,
      });
    },
  );

  test("sends help to stdout and errors to stderr", async () => {
    const help = await runBinary(["--help"], { cwd: folder });
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain("Usage: claude-bottle COMMAND");
    const wrong = await runBinary(["start", "a", "--yess"], { cwd: folder });
    expect(wrong).toMatchObject({ stdout: "", exitCode: 2 });
    expect(wrong.stderr).toContain("Did you mean --yes?");
  });

  test.each([
    [["cp", "a", "b"], "Cannot copy: none is in a bottle"],
    [["cp", "x:a", "y:b"], "Cannot copy: both are in a bottle"],
    [["cp", "x:", "."], 'Cannot copy: "x:" names no path'],
    [["cp", "-", "-"], "Cannot copy: none is in a bottle"],
    [["cp", "x:a"], "missing argument: TARGET"],
    [["cp"], "missing argument: SOURCE"],
    [["cp", "x:a", "b", "c"], 'unexpected argument "c"'],
    [["cp", "-r", "x:a", "b"], 'unknown flag "-r"'],
  ])("refuses %j without asking an engine", async (words, message) => {
    const env = { DOCKER_HOST: "unix:///nonexistent/engine.sock" };
    const { stdout, stderr, exitCode } = await runBinary(words, { cwd: folder, env });
    expect([stdout, exitCode]).toEqual(["", 2]);
    expect(stderr).toContain(message);
  });

  test("shows how to copy", async () => {
    const { stdout, exitCode } = await runBinary(["cp", "--help"], { cwd: folder });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Usage: claude-bottle cp SOURCE TARGET [OPTIONS]");
    expect(stdout).toContain("claude-bottle cp hello:dist - | tar -tv");
  });

  test("shows a newcomer the way where there is no manifest", async () => {
    const { stderr, exitCode } = await runBinary(["start", "a"], { cwd: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('hint: Make one with "claude-bottle init".');
  });

  test("checks a manifest, with the place of every problem and exit code 2", async () => {
    const project = join(folder, "broken");
    await mkdir(project);
    await writeFile(
      join(project, "claude-bottle.json"),
      '{\n  "bottle": {},\n  "agents": { "a": { "bottle": 1 } }\n}\n',
    );
    const { stderr, exitCode } = await runBinary(["check"], { cwd: project });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("claude-bottle.json:2:3");
    expect(stderr).toContain("claude-bottle.json:3:");
  });

  test("opens no full-screen editor where there is no terminal, and one that was named all the same", async () => {
    const env = { HOME: folder };
    const nowhere = await runBinary(["edit", "--home"], { cwd: folder, env });
    expect(nowhere).toMatchObject({ stdout: "", exitCode: 2 });
    expect(nowhere.stderr).toContain("Cannot edit: stdin and stdout are not a terminal");
    const named = await runBinary(["edit", "--home"], { cwd: folder, env: { ...env, EDITOR: "true" } });
    expect(named).toMatchObject({ exitCode: 0, stderr: "claude-bottle.json is unchanged.\n" });
  });

  test("leaves the manifest as it was where an editor's text is not valid, and says where that is", async () => {
    const home = await aFolder({ "edit.sh": 'echo "{ bad" >"$1"' });
    const env = { HOME: home, EDITOR: `sh ${home}/edit.sh` };
    const { stderr, exitCode } = await runBinary(["edit", "--home"], { cwd: home, env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'Cannot save "claude-bottle.json": the text is not valid, and the file is as it was',
    );
    const draft = /^Your text is in (\S+)$/m.exec(stderr)?.[1] ?? "";
    expect(await readFile(draft, "utf8")).toBe("{ bad\n");
    await rm(dirname(draft), { recursive: true });
    expect(await exists(join(home, "claude-bottle.json"))).toBe(false);
  });

  test("keeps nothing in a folder that depends on where it is started", async () => {
    const { stderr, exitCode } = await runBinary(["check"], { cwd: folder, env: { HOME: "here" } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Cannot use HOME="here": it is no absolute path');
  });

  test("waits for no prompt where none can come", async () => {
    const words = ["run", "a", "--quiet"];
    const { stderr, exitCode } = await runBinary(words, { cwd: folder, input: "a prompt" });
    expect(stderr).not.toContain("there is no prompt");
    expect(exitCode).toBe(2);
    const nothing = await tryTool(["sh", "-c", '"$0" run a --quiet </dev/null', binaryPath], {
      cwd: folder,
      env: { HOME: folder },
    });
    expect(nothing).toMatchObject({ stdout: "", exitCode: 2 });
    expect(nothing.stderr).toContain("Cannot run the agent: there is no prompt");
  });

  test("prints a JSON Schema", async () => {
    const { stdout, exitCode } = await runBinary(["schema"], { cwd: folder });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: "claude-bottle.json", type: "object" });
  });

  // There is no such device elsewhere
  test.skipIf(process.platform !== "linux").each([["schema"], ["--help"]])(
    "does not pass for done when its output finds no room: %s",
    async (word) => {
      const run = (words: readonly string[]) =>
        tryTool(["sh", "-c", ...words], { cwd: folder, env: { HOME: folder } });
      const full = await run(['"$0" "$1" >/dev/full', binaryPath, word]);
      expect(full.stderr).toContain("error: Cannot write to stdout: ENOSPC");
      expect(full.exitCode).toBe(1);
      // The control; and a reader that went away is none of our business
      expect(await run(['"$0" "$1" >/dev/null', binaryPath, word])).toMatchObject({
        stderr: "",
        exitCode: 0,
      });
      expect(await run(['"$0" "$1" | head -c 1 >/dev/null', binaryPath, word])).toMatchObject({ stderr: "" });
    },
  );

  test("says which places were tried when no engine answers, with exit code 125", async () => {
    const env = { DOCKER_HOST: `unix://${folder}/nothing.sock` };
    const { stderr, exitCode } = await runBinary(["list"], { cwd: folder, env });
    expect(exitCode).toBe(125);
    expect(stderr).toContain("nothing.sock (DOCKER_HOST): there is no socket");
  });

  test("needs a token before it looks for an engine, and asks without a terminal for nothing", async () => {
    const project = join(folder, "tokenless");
    await mkdir(project);
    await writeFile(
      join(project, "claude-bottle.json"),
      '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }',
    );
    const env = { DOCKER_HOST: `unix://${folder}/nothing.sock` };
    const { stderr, exitCode } = await runBinary(["start", "a"], { cwd: project, env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("CLAUDE_BOTTLE_OAUTH_TOKEN is not set");
  });
});

describe("the binary in a hostile folder", () => {
  /** A repository that tries to run code in, or hand settings to, whatever is started in it. */
  async function makeHostileFolder(): Promise<string> {
    const hostile = join(folder, "hostile");
    const evil = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "ran")`;
    await mkdir(join(hostile, "node_modules/citty"), { recursive: true });
    await writeFile(join(hostile, "evil.js"), evil);
    await writeFile(join(hostile, "node_modules/citty/index.js"), evil);
    await writeFile(join(hostile, "node_modules/citty/package.json"), '{"name":"citty","main":"index.js"}');
    await writeFile(
      join(hostile, "bunfig.toml"),
      'preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n',
    );
    await writeFile(
      join(hostile, ".env"),
      "CLAUDE_BOTTLE_OAUTH_TOKEN=from-dotenv\nCLAUDE_BOTTLE_DRY_RUN=1\n",
    );
    await writeFile(join(hostile, "package.json"), '{"type":"commonjs","imports":{"#x":"./evil.js"}}');
    await writeFile(join(hostile, "tsconfig.json"), '{"compilerOptions":{"paths":{"*":["./evil.js"]}}}');
    await writeFile(
      join(hostile, "claude-bottle.json"),
      '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }',
    );
    return hostile;
  }

  test("runs none of its code and reads none of its settings, where plain bun does", async () => {
    const hostile = await makeHostileFolder();
    for (const words of [
      ["--version"],
      ["--help"],
      ["check"],
      ["schema"],
      ["info", "a"],
      ["start", "a", "--yes"],
    ]) {
      const { stderr } = await runBinary(words, {
        cwd: hostile,
        env: { DOCKER_HOST: `unix://${folder}/nothing.sock` },
      });
      // With the .env read there would be a token, and the engine would be what is missing
      if (words[0] === "start") expect(stderr).toContain("CLAUDE_BOTTLE_OAUTH_TOKEN is not set");
    }
    expect(await exists(marker)).toBe(false);
    // The control: plain bun runs the code there
    await writeFile(join(hostile, "harmless.js"), "");
    const child = Bun.spawn([process.execPath, "harmless.js"], {
      cwd: hostile,
      stdout: "ignore",
      stderr: "ignore",
    });
    await child.exited;
    expect(await exists(marker)).toBe(true);
  });
});

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
