import { describe, expect, onTestFinished, test } from "bun:test";
import { endContainerProcesses } from "../../../src/host/container-processes.ts";

const id = "0123456789abcdef".repeat(4);
const other = "f123456789abcdef".repeat(4);

/** A shell that waits for its input, under another name and with one more word. */
function aProcess(program: string, word: string) {
  const child = Bun.spawn(["/bin/sh", "-c", "read -r line", "sh", word], { argv0: program, stdin: "pipe" });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  return child;
}

describe.skipIf(process.platform !== "linux")("what stands for a container", () => {
  test.each([
    ["runsc-sandbox", id],
    ["/usr/local/bin/runsc", `/run/containers/${id}/pid`],
    ["/usr/bin/containerd-shim-runc-v2", id],
  ])("is ended: %s", async (program, word) => {
    const child = aProcess(program, word);
    expect(await endContainerProcesses(id)).toEqual([]);
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
  });

  test.each([
    ["another container's", "runsc-sandbox", other],
    ["one that has the id within a longer word", "runsc-sandbox", `${id}0`],
    ["one that has it behind something", "runsc-sandbox", `x-${id}`],
    ["another program", "sleep", id],
    ["a program whose name only ends so", "my-runsc", id],
    ["a program in a folder of that name", "/opt/runsc/sh", id],
    ["one whose own path has the id", `/run/${id}/runsc`, "x"],
  ])("is not %s", async (_, program, word) => {
    const child = aProcess(program, word);
    expect(await endContainerProcesses(id)).toEqual([]);
    child.stdin.write("line\n");
    await child.stdin.flush();
    expect(await child.exited).toBe(0);
  });

  test.each(["", "..", id.slice(1), `${id}0`, id.toUpperCase()])(
    "is nothing for %p, which is no id",
    async (word) => {
      const child = aProcess("runsc-sandbox", word);
      expect(await endContainerProcesses(word)).toEqual([]);
      child.stdin.write("line\n");
      await child.stdin.flush();
      expect(await child.exited).toBe(0);
    },
  );
});
