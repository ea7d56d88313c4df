import { describe, expect, test } from "bun:test";
import { runExec } from "../../src/engine/exec.ts";
import { failureOf } from "../support/failure.ts";
import { renderFrame, renderReply, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import type { Connection, Script } from "../support/fake-daemon.ts";

/** Creates exec "e1", lets `run` play the command, and says the exit code. */
function exec(run: (connection: Connection) => Promise<void>, exitCode: number | null = 0): Script {
  return async (connection, request) => {
    if (request.path.endsWith("/start")) await connection.send(upgradeHead).then(() => run(connection));
    else if (request.path.endsWith("/exec")) await connection.send(renderReply(201, { Id: "e1" }));
    else await connection.send(renderReply(200, { ExitCode: exitCode }));
    connection.end();
  };
}

/** Cuts a letter in two with a complaint between. */
async function speakTwice(connection: Connection): Promise<void> {
  await connection.send(renderFrame("stdout", Buffer.from("ü").subarray(0, 1)));
  await connection.send(renderFrame("stderr", "complaint"));
  await connection.send(renderFrame("stdout", Buffer.from("ü").subarray(1)));
}

async function echoAsItReads(connection: Connection): Promise<void> {
  let seen = 0;
  for (let chunk = await connection.receive(); chunk; chunk = await connection.receive()) {
    seen += chunk.length;
    // Answers as it reads: whoever wrote everything before reading would block
    await connection.send(renderFrame("stderr", chunk));
  }
  await connection.send(renderFrame("stdout", String(seen)));
}

/** Until nobody takes it. */
async function flood(connection: Connection): Promise<void> {
  const frame = renderFrame("stdout", "x".repeat(10_000));
  for (let count = 0; count < 1_000; count += 1) await connection.send(frame).catch(() => undefined);
}

describe("runExec()", () => {
  test("keeps the two outputs apart and gives the exit code", async () => {
    await using daemon = await startFakeDaemon(exec(speakTwice, 9));
    const result = await runExec(daemon.engine, "c", {
      command: ["sh", "-c", "x"],
      user: "1000:1000",
      workingDir: "/w",
    });
    expect(result).toEqual({ exitCode: 9, stdout: "ü", stderr: "complaint" });
    expect(daemon.requests.map((request) => request.path)).toEqual([
      "/v1.41/containers/c/exec",
      "/v1.41/exec/e1/start",
      "/v1.41/exec/e1/json",
    ]);
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual({
      Cmd: ["sh", "-c", "x"],
      User: "1000:1000",
      WorkingDir: "/w",
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
    });
  });

  test.each([0, 5, 2_000_000])("hands over an input of %d bytes and its end", async (length) => {
    await using daemon = await startFakeDaemon(exec(echoAsItReads));
    const result = await runExec(daemon.engine, "c", { command: ["cat"], input: "x".repeat(length) });
    expect(result.stdout).toBe(String(length));
    expect(result.stderr).toHaveLength(length);
  });

  test("gives the exit code of a command that ends without reading its input", async () => {
    await using daemon = await startFakeDaemon(exec(async (connection) => connection.end(), 3));
    const result = await runExec(daemon.engine, "c", {
      command: ["false"],
      input: new Uint8Array(5_000_000),
    });
    expect(result).toEqual({ exitCode: 3, stdout: "", stderr: "" });
  });

  test("does not take an unknown exit code for success", async () => {
    await using daemon = await startFakeDaemon(exec(() => Promise.resolve(), null));
    const error = await failureOf(runExec(daemon.engine, "c", { command: ["x"] }));
    expect(error.message).toBe(
      'Cannot run a command in container "c": its output ended while it was running',
    );
  });

  test("takes no more than it was told to: whoever runs beside a command can write to its output", async () => {
    await using daemon = await startFakeDaemon(exec(flood));
    const error = await failureOf(
      runExec(daemon.engine, "c", { command: ["head"], maxOutputBytes: 100_000 }),
    );
    expect(error.message).toBe('Cannot run a command in container "c": it said more than 97.7 KiB');
    expect(daemon.requests.map((request) => request.path)).not.toContain("/v1.41/exec/e1/json");
  });

  test("stops waiting for a command that says nothing", async () => {
    await using daemon = await startFakeDaemon(exec(async (connection) => void (await connection.receive())));
    const signal = AbortSignal.timeout(50);
    const outcome = runExec(daemon.engine, "c", { command: ["head"], signal });
    expect(await outcome.catch((error: unknown) => error)).toBe(signal.reason);
  });
});
