import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  attachContainer,
  killAndRemoveContainer,
  openWait,
  resizeContainer,
  startContainer,
} from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isNotFound } from "../../src/engine/engine-error.ts";
import { readInfo } from "../../src/engine/system.ts";
import { readFrames, readUntil } from "../support/container-output.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const hasGvisor = typeof found !== "string" && Object.hasOwn((await readInfo(found)).Runtimes, "runsc");
const runtimes = hasGvisor ? ["runc", "runsc"] : ["runc"];
let run: TestRun;

describe.skipIf(typeof found === "string")("attaching on a real engine", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(runtimes)("joins a terminal under %s: size, keys, Ctrl-C, exit code", async (runtime) => {
    const script =
      "trap 'echo caught; exit 42' INT; read word; stty size; echo got $word; while :; do sleep 0.05; done";
    const id = await createShell(run, `tty-${runtime}`, script, {
      Tty: true,
      OpenStdin: true,
      HostConfig: { Runtime: runtime },
    });
    const stream = await attachContainer(engine, id, {
      stdin: true,
      stdout: true,
      stderr: true,
      detachKeys: "ctrl-^,ctrl-]",
    });
    const wait = await openWait(engine, id);
    await startContainer(engine, id);
    await resizeContainer(engine, id, 132, 43);
    const output = stream.output[Symbol.asyncIterator]();
    await stream.write("hé");
    // A lone Ctrl-P is withheld by the engine's default keys; here it comes back as ^P at once
    await stream.write("\u0010");
    const echoed = await readUntil(output, "^P");
    await stream.write("\u007f\n");
    const answered = await readUntil(output, "got hé\r\n", echoed);
    expect(answered).toContain("43 132\r\n");
    await stream.write("\u0003");
    await readUntil(output, "caught\r\n", answered);
    expect(await wait.exit).toBe(42);
    expect((await output.next()).done).toBe(true);
  });

  test.each(runtimes)(
    "carries megabytes in and out under %s and goes on after the end of input",
    async (runtime) => {
      const script = "head -c 3000000 | tee /dev/stderr | wc -c; cat > /dev/null; echo after the end; exit 9";
      const id = await createShell(run, `pipe-${runtime}`, script, {
        OpenStdin: true,
        StdinOnce: true,
        HostConfig: { Runtime: runtime, LogConfig: { Type: "none", Config: {} } },
      });
      const stream = await attachContainer(engine, id, { stdin: true, stdout: true, stderr: true });
      const wait = await openWait(engine, id);
      await startContainer(engine, id);
      const output = readFrames(stream.output);
      await stream.write(Buffer.alloc(3_000_000, "0123456789abcde\n"));
      stream.endInput();
      const seen = await output;
      expect(seen.stdout).toBe("3000000\nafter the end\n");
      expect(seen.stderr === "0123456789abcde\n".repeat(187_500)).toBe(true);
      expect(await wait.exit).toBe(9);
    },
  );

  test("ends the output of a container that is killed", async () => {
    const id = await createShell(run, "kill", "echo up; exec sleep 1000", { HostConfig: { Init: true } });
    const stream = await attachContainer(engine, id, { stdin: false, stdout: true, stderr: true });
    const wait = await openWait(engine, id);
    await startContainer(engine, id);
    const output = stream.output[Symbol.asyncIterator]();
    await readUntil(output, "up");
    await killAndRemoveContainer(engine, id);
    expect((await output.next()).done).toBe(true);
    expect(await wait.exit).toBe(137);
  });

  test("says why there is nothing to attach to", async () => {
    const error = await failureOf(
      attachContainer(engine, run.name("nobody"), { stdin: true, stdout: true, stderr: true }),
    );
    expect(isNotFound(error)).toBe(true);
    expect(error.message).toContain("No such container");
  });
});
