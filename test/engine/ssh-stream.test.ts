/** A running bottle reached by the real ssh, scp and rsync, as `ssh-config` sets them up. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeSourceEnvironment, runSource, sourceCommand } from "../support/run-source.ts";
import type { SourceOptions } from "../support/run-source.ts";
import { chooseRuntime, findRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { openPty } from "../support/session/pty.ts";
import { putFiles } from "../support/temporary.ts";

// Needs: ssh, ssh-keygen, scp, rsync
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await findRuntimes(engine);
let run: TestRun;

beforeAll(() => {
  if (typeof found !== "string") run = beginTestRun(engine);
});
afterAll(() => run?.end());

describe.skipIf(typeof found === "string").each(runtimes)("a running bottle under %s", (runtime) => {
  let options: SourceOptions;
  let home: string;
  let host: string;
  const config = () => join(home, "ssh_config");
  const tool = (words: readonly string[], input?: string) =>
    tryTool(words, { cwd: home, env: makeSourceEnvironment(options), input });
  const ssh = (words: readonly string[], input?: string) => tool(["ssh", "-F", config(), ...words], input);

  beforeAll(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "bottle-ssh-")));
    await putFiles(home, {
      "claude-bottle.json": JSON.stringify({
        bottles: { b: { env: { GRANTED: 'a "granted" \\ value' } } },
        agents: { a: { bottle: "b" } },
      }),
    });
    await chooseRuntime(engine, home, runtime);
    const env = {
      CLAUDE_BOTTLE_IMAGE: await ensureScriptedClaude(engine),
      CLAUDE_BOTTLE_LABELS: Object.entries(run.labels).map(([name, value]) => `${name}=${value}`)[0] ?? "",
      CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    };
    options = { cwd: home, home, env };
    const words = ["start", "a", "--yes", "--empty", "--detach", "--", "-c", "sleep 1000"];
    const started = await runSource(words, options);
    expect(started.stderr + started.exitCode).toEndWith("0");
    host = `${/\ba-[a-z0-9]{6}\b/.exec(started.stderr)?.[0]}.bottle`;
    await Bun.write(config(), (await runSource(["ssh-config"], options)).stdout);
  });
  afterAll(async () => {
    await runSource(["stop", "--all"], options);
    await rm(home, { recursive: true, force: true });
  });

  test("runs a command with the environment that claude has, its input, its outputs and its exit code", async () => {
    const script = 'echo "$GRANTED"; echo "$HTTPS_PROXY"; cat; echo no >&2; pwd; exit 3';
    expect(await ssh([host, script], "typed")).toEqual({
      stdout: 'a "granted" \\ value\nhttp://gate:8888\ntyped/home/node\n',
      stderr: "no\n",
      exitCode: 3,
    });
  });

  test("gives a terminal", async () => {
    const pty = openPty(["ssh", "-F", config(), host], {
      cwd: home,
      env: { ...makeSourceEnvironment(options), TERM: "xterm" },
      columns: 90,
      rows: 30,
    });
    await pty.waitFor("$");
    pty.type("stty size; tty\r");
    await pty.waitFor(/30 90\s+\/dev\/pts\/\d+/);
    pty.type("exit\r");
    expect(await pty.exitCode).toBe(0);
  });

  test("takes and gives files by scp and rsync", async () => {
    const content = Buffer.alloc(3_000_000, "claude");
    await Bun.write(join(home, "large"), content);
    const scp = await tool(["scp", "-q", "-F", config(), "large", `${host}:/tmp/large`]);
    expect(scp).toMatchObject({ exitCode: 0, stderr: "" });
    const rsh = `ssh -F ${config()}`;
    const rsync = await tool(["rsync", "-a", "-e", rsh, `${host}:/tmp/large`, join(home, "back")]);
    expect(rsync).toMatchObject({ exitCode: 0, stderr: "" });
    expect(Buffer.compare(Buffer.from(await Bun.file(join(home, "back")).arrayBuffer()), content)).toBe(0);
  });

  test("forwards neither an agent nor a port of this machine, and ports of the bottle's own loopback only", async () => {
    expect((await ssh(["-A", host, 'echo "${SSH_AUTH_SOCK:-none}"'])).stdout).toBe("none\n");
    const back = await ssh(["-o", "ExitOnForwardFailure=yes", "-R", "8099:localhost:22", host, "true"]);
    expect(back.exitCode).not.toBe(0);
    // What stdin and stdout are carried to: the control is a server of the bottle itself
    const listen =
      'require("net").createServer((s) => s.end("own\\n")).listen(8098, "127.0.0.1"); process.stdin.resume().on("end", () => process.exit())';
    const server = Bun.spawn(["ssh", "-F", config(), host, `node -e '${listen}'`], {
      cwd: home,
      env: makeSourceEnvironment(options),
      stdin: "pipe",
    });
    while ((await ssh(["-W", "localhost:8098", host])).stdout !== "own\n") await Bun.sleep(200);
    server.kill();
    expect((await ssh(["-W", "gate:8888", host])).stderr).toContain("administratively prohibited");
  });

  test("takes this session's keys and no other, and shows its own", async () => {
    const folder = join(home, ".local/state/claude-bottle/ssh");
    expect(await readdir(folder)).toEqual([host]);
    const other = join(home, "other");
    await tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
    const refused = await ssh([
      "-o",
      `IdentityFile=${other}`,
      "-o",
      "IdentityFile=none",
      "-i",
      other,
      "-F",
      "none",
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      `UserKnownHostsFile=/dev/null`,
      "-o",
      "IdentitiesOnly=yes",
      "-o",
      `ProxyCommand=${sourceCommand.join(" ")} ssh-stream %h`,
      `node@${host}`,
      "true",
    ]);
    expect(refused).toMatchObject({ exitCode: 255, stderr: expect.stringContaining("Permission denied") });
    const known = join(folder, host, "known_hosts");
    const right = await Bun.file(known).text();
    await Bun.write(
      known,
      `${host} ${(await Bun.file(`${other}.pub`).text()).split(" ").slice(0, 2).join(" ")}\n`,
    );
    expect((await ssh([host, "true"])).stderr).toContain("Host key verification failed");
    await Bun.write(known, right);
    expect((await ssh([host, "true"])).exitCode).toBe(0);
  });

  test("keeps nothing of it when the last connection has ended, and nothing listens", async () => {
    // The control: while it lasts, it is there
    expect((await ssh([host, "ls -d /dev/shm/claude-bottle-ssh-*"])).stdout).toStartWith("/dev/shm/");
    // What Docker itself listens on in every container, for names, is at 127.0.0.11
    const look =
      "ls -d /dev/shm/claude-bottle-ssh-*; ps -eo args | grep '[s]shd'; tail -n +2 /proc/net/tcp | grep -v 0B00007F; true";
    const inside = async () => (await runSource(["exec", "a", "--", "sh", "-c", look], options)).stdout;
    while ((await inside()) !== "") await Bun.sleep(200);
  });

  test("is reached by several connections at once, also as the first ones", async () => {
    await rm(join(home, ".local/state/claude-bottle/ssh"), { recursive: true });
    const all = await Promise.all(["1", "2", "3", "4"].map((word) => ssh([host, `echo ${word}`])));
    expect(all.map((one) => one.stdout + one.stderr)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
  });

  test("is said where there is none of this name", async () => {
    expect((await ssh(["nobody.bottle", "true"])).stderr).toContain('Cannot connect to "nobody.bottle"');
  });
});
