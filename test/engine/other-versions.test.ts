import { renderOwner } from "../../src/core/process-owner.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { killAndRemoveContainer, listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readProcessIdentity } from "../../src/host/process-identity.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listLeft, makeSessionWorld, runCommand } from "../support/scripted-session.ts";

// Runs alone: cleanup removes what it finds on the engine of anybody whose launcher is gone, and other tests kill launchers
setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("a session", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("of another version is listed; with a launcher that is gone, an earlier one's goes and a later one's stays", async () => {
    const world = await makeSessionWorld(run, "none", "runc");
    const gone = "an-earlier-boot:1:1";
    const label = (schema: string, session: string, version: string, owner = gone) => ({
      ...run.labels,
      [labelKeys.schema]: schema,
      [labelKeys.version]: version,
      [labelKeys.session]: session,
      [labelKeys.role]: "agent",
      [labelKeys.agent]: "later",
      [labelKeys.owner]: owner,
    });
    await createShell(run, "later", "sleep 600", { Labels: label("2", "later1", "99.0.0") });
    await createShell(run, "early", "sleep 600", { Labels: label("1", "early1", "0.0.1") });
    // A launcher that was started before an upgrade and still runs
    const living = renderOwner(await readProcessIdentity(process.pid));
    await createShell(run, "alive", "sleep 600", { Labels: label("1", "alive1", "0.0.1", living) });
    const list = await runCommand(world, ["list", "--json"]);
    const listed = (JSON.parse(list.stdout) as { session: string; isOwned: boolean }[]).filter((one) =>
      ["later1", "early1", "alive1"].includes(one.session),
    );
    expect(listed.map((one) => [one.session, one.isOwned]).toSorted()).toEqual([
      ["alive1", true],
      ["early1", false],
      ["later1", false],
    ]);
    await runCommand(world, ["cleanup", "--yes"]);
    const left = await listContainers(
      engine,
      Object.entries(run.labels).map(([key, value]) => `${key}=${value}`),
    );
    expect(left.map((one) => one.Labels[labelKeys.session]).toSorted()).toEqual(["alive1", "later1"]);
    for (const name of ["later", "alive"]) await killAndRemoveContainer(engine, run.name(name));
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
});
