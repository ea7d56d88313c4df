import { expect, test } from "bun:test";
import { carryApproval } from "../../../../src/session/decide/carry-approval.ts";
import { isApproved, readPolicyState, remember } from "../../../../src/session/decide/approval.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { World } from "../../../../src/host/world.ts";
import { parseManifests } from "../../../../src/manifest/parse-manifest.ts";
import { makeDestinations } from "../../../../src/plan/destinations.ts";
import { aFile, aPlan } from "../../../support/manifests.ts";
import { aWorld } from "../../../support/temporary.ts";

const fileOf = (...allowlist: string[]) =>
  aFile({ bottles: { dev: { egress: { allowlist } }, other: {} }, agents: { helper: { bottle: "dev" } } });

/** What a start with these hosts would show. */
function planOf(...hosts: string[]) {
  const dev = parseManifests([fileOf(...hosts)]).bottles.get("dev");
  if (!dev) throw new Error("no bottle");
  return aPlan({
    bottle: { name: "dev", source: dev.source },
    egress: { filter: "pipelock", pipelockImage: "p", destinations: makeDestinations(dev) },
  });
}

/** Approves a plan with `approved`, saves from `before` to `after` with our command, and looks whether a start with `started` is approved. */
async function isStillApproved(hosts: Record<"approved" | "before" | "after" | "started", string[]>) {
  const world = (await aWorld()) as unknown as World;
  const folder = stateFolder(world);
  const files = [fileOf(...hosts.after)];
  await remember(
    folder,
    { agent: "helper", files: files.map((file) => file.path) },
    planOf(...hosts.approved),
  );
  await carryApproval(world, files, "dev", {
    before: parseManifests([fileOf(...hosts.before)]),
    after: parseManifests(files),
  });
  return isApproved(await readPolicyState(folder, planOf(...hosts.started), files));
}

const approved = ["a.test"];

test("what the user saved by a command of ours needs no second approval", async () => {
  const after = ["a.test", "new.test"];
  expect(await isStillApproved({ approved, before: approved, after, started: after })).toBe(true);
});

test("it is approved for exactly what was saved", async () => {
  const after = ["a.test", "new.test"];
  const started = [...after, "evil.test"];
  expect(await isStillApproved({ approved, before: approved, after, started })).toBe(false);
  expect(await isStillApproved({ approved, before: approved, after, started: approved })).toBe(false);
});

test("what somebody else added before is not approved along with it", async () => {
  const before = ["a.test", "evil.test"];
  const after = [...before, "new.test"];
  expect(await isStillApproved({ approved, before, after, started: after })).toBe(false);
});

test("nothing is approved that never was", async () => {
  const world = (await aWorld()) as unknown as World;
  const files = [fileOf("a.test")];
  const manifests = { before: parseManifests([fileOf()]), after: parseManifests(files) };
  await carryApproval(world, files, "dev", manifests);
  expect((await readPolicyState(stateFolder(world), planOf("a.test"), files)).change).toBe("first");
});
