/** Images of services are approved as what their names mean, before anything of them is made. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { aRecordedProject, creations } from "../support/recorded-project.ts";
import { startRecordingEngine } from "../support/recording-engine.ts";

setDefaultTimeout(60_000);

const services = { db: { image: "postgres:17", env: { POSTGRES_PASSWORD: "dev" } } };

test("a tag that means another image than the approved one needs a new approval", async () => {
  await using engine = await startRecordingEngine();
  const run = await aRecordedProject(engine, { services });
  engine.images.set("postgres:17", "sha256:first");
  const plan = await run(["start", "a", "--empty", "--dry-run"]);
  expect(plan.stdout).toContain("postgres:17 is sha256:first");
  expect(plan.stdout).toContain('env POSTGRES_PASSWORD is "dev"');
  expect((await run(["start", "a", "--empty", "--yes"])).stderr).toContain("was not approved");
  // Ends where the first container is asked for, which this engine makes none of
  await run(["start", "a", "--empty", "--yes", "--trust-project"]);
  expect(creations(engine).length).toBeGreaterThan(0);
  const before = creations(engine).length;
  engine.images.set("postgres:17", "sha256:second");
  const { exitCode, stderr } = await run(["start", "a", "--empty", "--yes"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("changed since it was approved")]);
  expect(creations(engine)).toHaveLength(before);
  expect((await run(["start", "a", "--empty", "--dry-run"])).stdout).toContain("as sha256:second");
});

test("one that is not there is fetched after the yes, and what came is what is approved", async () => {
  await using engine = await startRecordingEngine();
  const run = await aRecordedProject(engine, { services });
  engine.registry.set("postgres:17", "sha256:fetched");
  const fetches = () => engine.requests.filter(({ path }) => path.endsWith("/images/create")).length;
  expect((await run(["start", "a", "--empty", "--dry-run"])).stdout).toContain("it is fetched after the yes");
  await run(["start", "a", "--empty", "--yes"]);
  expect(fetches()).toBe(0);
  await run(["start", "a", "--empty", "--yes", "--trust-project"]);
  expect(fetches()).toBe(1);
  const { stderr } = await run(["start", "a", "--empty", "--yes"]);
  expect(stderr).not.toContain("Cannot start without asking");
  engine.images.set("postgres:17", "sha256:other");
  expect((await run(["start", "a", "--empty", "--yes"])).stderr).toContain("Cannot start without asking");
});
