import { describe, expect, onTestFinished, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startInBackground } from "../../../src/host/background.ts";
import type { World } from "../../../src/host/world.ts";
import { aFolder } from "../../support/temporary.ts";

async function start(script: string, message = "", signal = new AbortController().signal) {
  const cwd = await aFolder();
  const complaints: string[] = [];
  const stderr = { write: (piece: Uint8Array) => complaints.push(Buffer.from(piece).toString()) };
  const ended = await startInBackground({ stderr } as unknown as World, {
    command: ["/bin/sh", "-c", script],
    env: { GIVEN: "given" },
    cwd,
    message,
    signal,
  });
  return { ...ended, cwd, complaint: complaints.join("") };
}

describe("what goes on in the background", () => {
  test("is started once it says a line, and the rest of what it says is nobody's", async () => {
    expect(await start("printf 'on'; printf 'e\\ntwo\\n'; exit 3")).toMatchObject({
      line: "one",
      exitCode: undefined,
    });
    expect((await start("echo; exit 3")).line).toBe("");
  });

  test("has failed if it ends before it said a line, with its code and its complaint", async () => {
    const script = "echo complaint >&2; printf 'no line'; exit 3";
    expect(await start(script)).toMatchObject({ line: undefined, exitCode: 3, complaint: "complaint\n" });
  });

  test("reads its message to the end, and has that environment and folder alone", async () => {
    const { line, cwd } = await start('echo "$(cat) $GIVEN [$HOME] $(pwd)"', "secret");
    expect(line).toBe(`secret given [] ${cwd}`);
  });

  test("goes on when whoever started it is done, in a process session of its own", async () => {
    const script =
      "trap 'exit 0' TERM; trap 'echo >>heard' USR1; echo $$ $(cut -d' ' -f6 /proc/$$/stat 2>/dev/null || echo $$); while :; do sleep 0.01; done";
    const controller = new AbortController();
    const { line, cwd } = await start(script, "", controller.signal);
    const [pid = 0, session] = (line ?? "").split(" ").map(Number);
    // A signal for 0 would be for the process group of this test
    expect(pid).toBeGreaterThan(1);
    onTestFinished(() => void process.kill(pid, "SIGKILL"));
    expect(session).toBe(pid);
    controller.abort();
    const heard = () => readFile(join(cwd, "heard"), "utf8").catch(() => "");
    // A SIGTERM that came with the abort has ended it by the second answer
    for (const answers of [1, 2]) {
      process.kill(pid, "SIGUSR1");
      while ((await heard()).length < answers) await Bun.sleep(10);
    }
  });

  test("undoes what it has begun if it is called off, before or while it starts", async () => {
    const script = "trap 'echo undone >&2; exit 5' TERM; echo up >&2; while :; do sleep 0.01; done";
    const controller = new AbortController();
    const started = start(`kill -USR1 ${process.pid}; ${script}`, "", controller.signal);
    process.once("SIGUSR1", () => setTimeout(() => controller.abort(), 20));
    expect(await started).toMatchObject({ line: undefined, exitCode: 5 });
    expect((await started).complaint).toEndWith("undone\n");
    const early = await start("exec sleep 60", "", AbortSignal.abort());
    expect(early).toMatchObject({ line: undefined, exitCode: 143 });
  });
});
