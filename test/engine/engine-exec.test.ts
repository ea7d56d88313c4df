import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isNotFound } from "../../src/engine/engine-error.ts";
import { runExec } from "../../src/engine/exec.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { patient } from "../support/patience.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;
let id: string;

describe.skipIf(typeof found === "string")("runExec() on a real engine", () => {
  beforeAll(async () => {
    run = beginTestRun(engine);
    const created = await createContainer(engine, run.name("exec"), {
      Image: await imageForTests(engine),
      Entrypoint: ["/bin/sleep"],
      Cmd: ["1000"],
      Labels: run.labels,
      HostConfig: {
        NetworkMode: "none",
        Init: true,
        Tmpfs: { "/run/secret": "rw,mode=0700,uid=1000,gid=1000" },
      },
    });
    id = created.id;
    await startContainer(engine, id);
  });
  afterAll(() => run.end());

  test("keeps outputs apart and gives the exit code", async () => {
    const command = ["sh", "-c", "echo out; echo err >&2; pwd; id -u; exit 9"];
    const result = await runExec(engine, id, { command, user: "1000:1000", workingDir: "/tmp" });
    expect(result).toEqual({ exitCode: 9, stdout: "out\n/tmp\n1000\n", stderr: "err\n" });
  });

  test("hands a secret over by standard input, into memory", async () => {
    const command = [
      "sh",
      "-c",
      "umask 277; cat > /run/secret/token; stat -c %a /run/secret/token; wc -c < /run/secret/token",
    ];
    const result = await runExec(engine, id, { command, user: "1000:1000", input: "s3cret" });
    expect(result).toEqual({ exitCode: 0, stdout: "400\n6\n", stderr: "" });
  });

  test("is not flooded by a program beside the command, which may write where the command does", async () => {
    // The agent's part: what claude-bottle reads is a pipe, so the command waits, and then has company at its output
    const stop = new AbortController();
    const flood = `mkdir -p /tmp/x && mkfifo /tmp/x/word && while :; do
      for one in /proc/[0-9]*; do [ "$(cat "$one/comm" 2>/dev/null)" != head ] || cat /dev/zero >"$one/fd/1"; done; done`;
    const beside = runExec(engine, id, {
      command: ["sh", "-c", flood],
      user: "1000:1000",
      signal: stop.signal,
    });
    const signal = AbortSignal.timeout(patient(20_000));
    await runExec(engine, id, {
      command: ["sh", "-c", "until [ -p /tmp/x/word ]; do sleep 0.05; done"],
      signal,
    });
    const reading = runExec(engine, id, {
      command: ["head", "-c", "16", "/tmp/x/word"],
      user: "1000:1000",
      maxOutputBytes: 1024 * 1024,
      signal,
    });
    expect((await failureOf(reading)).message).toContain("it said more than 1.0 MiB");
    stop.abort();
    await beside.catch(() => undefined);
  });

  test("does not block on a command that answers while it reads", async () => {
    const result = await runExec(engine, id, { command: ["cat"], input: "x".repeat(8_000_000) });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toHaveLength(8_000_000);
  });

  test("is not troubled by input that nobody reads", async () => {
    const result = await runExec(engine, id, {
      command: ["sh", "-c", "exit 4"],
      input: "x".repeat(8_000_000),
    });
    expect(result.exitCode).toBe(4);
  });

  test("ends for an input without a byte", async () => {
    expect(await runExec(engine, id, { command: ["wc", "-c"], input: "" })).toMatchObject({
      stdout: "0\n",
      exitCode: 0,
    });
  });

  test("loses nothing of commands that are over at once", async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => runExec(engine, id, { command: ["echo", String(index)] })),
    );
    expect(results.map((result) => result.stdout.trim())).toEqual(results.map((_, index) => String(index)));
  });

  test("gives 126 or 127 for a command that does not exist", async () => {
    const result = await runExec(engine, id, { command: ["/no/such/command"] });
    expect([126, 127]).toContain(result.exitCode);
  });

  test("says that the container does not exist", async () => {
    const error = await failureOf(runExec(engine, run.name("nobody"), { command: ["true"] }));
    expect(isNotFound(error)).toBe(true);
  });
});
