/** What somebody sees who has just installed the program: each of the usual obstacles, with the words that lead past it. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { noEngine } from "../../src/engine/unreachable.ts";
import { always, startFakeDaemon } from "../support/fake-daemon.ts";
import type { Script } from "../support/fake-daemon.ts";
import { binaryPath, runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(30_000);
const manifest = '{ "bottles": { "b": {} }, "agents": { "helper": { "bottle": "b" } } }';
const token = { CLAUDE_BOTTLE_OAUTH_TOKEN: "x" };
const noSocket = "unix:///nonexistent/docker.sock";

async function start(env: Readonly<Record<string, string>>, ...words: string[]) {
  const cwd = await aFolder({ "claude-bottle.json": manifest });
  return runBinary(words.length > 0 ? words : ["start", "helper", "--yes"], { cwd, env });
}

/** Where anybody may write, as in /tmp */
async function aTemporaryFolder(above: string): Promise<string> {
  const folder = join(above, "tmp");
  await mkdir(folder);
  await chmod(folder, 0o1777);
  return folder;
}

function ping(apiVersion: string): Script {
  return always(200, "OK", { "Api-Version": apiVersion, Server: "Docker/28.5.2 (linux)" });
}

describe("a newcomer", () => {
  test("without a manifest is shown init", async () => {
    const cwd = await aFolder();
    const { stderr, exitCode } = await runBinary(["start"], { cwd, env: token });
    expect([exitCode, stderr]).toEqual([
      2,
      `error: Cannot find a manifest: there is no claude-bottle.json in this project and none in ${cwd}\n` +
        'hint: Make one with "claude-bottle init".\n',
    ]);
  });

  test("without a token is told where one comes from, before anything else is asked for", async () => {
    const { stderr, exitCode } = await start({ DOCKER_HOST: noSocket });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      "error: Cannot start claude: CLAUDE_BOTTLE_OAUTH_TOKEN is not set\n" +
        'hint: Run "claude setup-token" once and give what it prints to "claude-bottle login", or set CLAUDE_BOTTLE_OAUTH_TOKEN to it, or set ANTHROPIC_API_KEY.\n',
    );
  });

  test("with a token that was copied with its line break is told so, without a part of it", async () => {
    const { stderr, exitCode } = await start({
      DOCKER_HOST: noSocket,
      CLAUDE_BOTTLE_OAUTH_TOKEN: "sk-part one",
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Cannot use CLAUDE_BOTTLE_OAUTH_TOKEN: it holds a space, a line break");
    expect(stderr).not.toContain("part");
  });

  test("with a slip in the agent's name is offered the right one", async () => {
    const { stderr, exitCode } = await start({ ...token, DOCKER_HOST: noSocket }, "start", "hepler", "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: Cannot find agent "hepler": the manifest has no agent of that name\n  Defined: helper\nhint: Did you mean "helper"?\n',
    );
  });

  test("without Docker is told which places were tried", async () => {
    const { stderr, exitCode } = await start({ ...token, DOCKER_HOST: noSocket });
    expect([exitCode, stderr]).toEqual([
      125,
      "error: Cannot reach a container engine: none of the places tried answers\n" +
        `  ${noSocket} (DOCKER_HOST): there is no socket\n` +
        "hint: Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.\n",
    ]);
  });

  // Root may open every socket, so somebody else has to try
  test.skipIf(process.getuid?.() !== 0 || Bun.which("setpriv") === null)(
    "who may not open the socket is told about its group",
    async () => {
      const folder = await aFolder({ "claude-bottle.json": manifest });
      await chmod(folder, 0o755);
      using socket = Bun.listen({ unix: join(folder, "docker.sock"), socket: { data: () => undefined } });
      await chmod(join(folder, "docker.sock"), 0o600);
      // A place that nobody but root may look into would be another obstacle
      const binary = join(folder, "claude-bottle");
      await Bun.write(binary, Bun.file(binaryPath));
      await chmod(binary, 0o755);
      const child = Bun.spawn(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary, "list"],
        {
          cwd: folder,
          env: {
            PATH: process.env["PATH"] ?? "",
            HOME: "/nonexistent",
            TMPDIR: await aTemporaryFolder(folder),
            DOCKER_HOST: `unix://${folder}/docker.sock`,
          },
          stdin: "ignore",
          stdout: "pipe",
          stderr: "pipe",
        },
      );
      const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
      socket.stop(true);
      expect(stderr).toContain("(DOCKER_HOST): no permission to open the socket");
      expect(stderr).toContain(
        'hint: Add yourself to the socket\'s group with "sudo usermod -aG docker $USER"',
      );
      expect(exitCode).toBe(125);
    },
  );

  // A container image that is run by another user than its own
  test.skipIf(process.getuid?.() !== 0 || Bun.which("setpriv") === null).each([[{}], [{ HOME: "" }]])(
    "who has no account and no home folder (%j) is told what anybody is told",
    async (home) => {
      const folder = await aFolder({ "claude-bottle.json": manifest });
      await chmod(folder, 0o755);
      const binary = join(folder, "claude-bottle");
      await Bun.write(binary, Bun.file(binaryPath));
      await chmod(binary, 0o755);
      const user = ["setpriv", "--reuid=4242", "--regid=4242", "--clear-groups"];
      const child = Bun.spawn([...user, binary, "run", "helper", "-p", "x"], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"] ?? "",
          TMPDIR: await aTemporaryFolder(folder),
          ...token,
          ...home,
          DOCKER_HOST: noSocket,
        },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
      expect(stderr).toStartWith("error: Cannot reach a container engine");
      expect(exitCode).toBe(125);
    },
  );

  test("with an old engine is told which one it takes", async () => {
    await using daemon = await startFakeDaemon(ping("1.40"));
    const { stderr, exitCode } = await start({ ...token, DOCKER_HOST: daemon.endpoint.shown });
    expect(exitCode).toBe(125);
    expect(stderr).toContain("its API version 1.40 is older than 1.41");
    expect(stderr).toContain("hint: Update to Docker Engine 20.10 or newer.");
  });

  test("without a network to fetch from is told what could not be fetched, in the engine's words", async () => {
    const answer: Script = (connection, request) => {
      if (request.path.endsWith("/_ping")) return ping("1.51")(connection, request);
      if (request.path.endsWith("/images/create"))
        return always(200, { error: "dial tcp: lookup registry.invalid: no such host" })(connection, request);
      if (request.path.endsWith("/info"))
        return always(200, { ServerVersion: "28.5.2" })(connection, request);
      return always(404, { message: "No such image" })(connection, request);
    };
    await using daemon = await startFakeDaemon(answer);
    const { stderr, exitCode } = await start({ ...token, DOCKER_HOST: daemon.endpoint.shown }, "build");
    expect(exitCode).toBe(125);
    expect(stderr).toContain(
      'Cannot fetch image "node:22-bookworm-slim": dial tcp: lookup registry.invalid: no such host',
    );
    expect(stderr).toContain(
      "hint: Check the network and the name, or fetch it by hand: docker pull node:22-bookworm-slim",
    );
  });

  test("on a Mac is told about the products that there are", () => {
    const parts = { failures: [], platform: "darwin" };
    expect(noEngine({ ...parts, isDenied: false }).hint).toBe(
      'Open Docker Desktop or OrbStack, or run "colima start"; a socket elsewhere goes into DOCKER_HOST.',
    );
    // There is no docker group there
    expect(noEngine({ ...parts, isDenied: true }).hint).not.toContain("usermod");
  });

  test("who forgets the command, or asks for one that is not there, is shown the way", async () => {
    expect((await start({}, "strat")).stderr).toContain('Did you mean "claude-bottle start"?');
    expect((await start({}, "--verison")).stderr).toContain('hint: Did you mean "claude-bottle version"?');
  });
});
