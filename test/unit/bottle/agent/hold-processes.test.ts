import { expect, test } from "bun:test";
import { holdProcesses, letGo } from "../../../../src/bottle/agent/hold-processes.ts";
import type { RunOptions, RunResult } from "../../../../src/core/run-command.ts";

test("stops them by a program beside them, and says who had the connection", async () => {
  const { part, acts } = aPart({ exitCode: 0, stdout: "curl -d @key \n", stderr: "" });
  expect(await holdProcesses(part, 4_321)).toEqual({ how: "stopped", holder: "curl -d @key" });
  expect(acts).toEqual(["run 4321"]);
});

test.each([
  ["something still runs", { exitCode: 1, stdout: "", stderr: "" }],
  ["it was ended", { exitCode: 137, stdout: "", stderr: "" }],
  ["no process can be started", new Error("cannot fork")],
])("has the platform pause it where %s", async (_what, result) => {
  const { part, acts } = aPart(result);
  expect(await holdProcesses(part)).toEqual({ how: "paused", holder: undefined });
  expect(acts).toEqual(["run hold", "paused"]);
});

test("lets go of a paused part first, in which nothing could be run", async () => {
  const { part, acts } = aPart({ exitCode: 1, stdout: "", stderr: "" });
  await letGo(part);
  expect(acts).toEqual(["resumed", "run kill -s CONT -- -1"]);
});

function aPart(result: RunResult | Error) {
  const acts: string[] = [];
  const part = {
    async run({ command }: RunOptions): Promise<RunResult> {
      acts.push(`run ${command.at(-1)}`);
      if (result instanceof Error) throw result;
      return result;
    },
    pause: async () => void acts.push("paused"),
    resume: async () => void acts.push("resumed"),
  };
  return { part, acts };
}
