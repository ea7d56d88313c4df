/** A project's setup is run by nobody before it was approved, ahead of time neither. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { aRecordedProject, creations } from "../support/recorded-project.ts";
import { startRecordingEngine } from "../support/recording-engine.ts";

setDefaultTimeout(60_000);

test("build --setup makes nothing of a setup that was not approved", async () => {
  await using engine = await startRecordingEngine();
  const setup = { run: ["./make"], inputs: ["inputs"], keep: ["kept"] };
  const run = await aRecordedProject(engine, { setup }, { inputs: "1\n", ".gitignore": "kept/\n" });
  const build = ["build", "a", "--setup"];
  const { exitCode, stderr } = await run(build);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("was not approved")]);
  expect(creations(engine)).toEqual([]);
  // The control: once it is approved there is a place for what it makes, and the first container is asked for, which this engine makes none of
  expect((await run(["trust", "a", "--yes"])).stderr).toContain('"./make"');
  expect(creations(engine)).toEqual([]);
  await run(build);
  const made = creations(engine).map(({ path, body }) => `${path} ${body.toString()}`);
  expect(made.join("\n")).toContain("claude-bottle-tree-");
});
