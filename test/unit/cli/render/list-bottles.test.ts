import { expect, test } from "bun:test";
import { renderListed } from "../../../../src/cli/render/list-bottles.ts";
import type { ListedBottle } from "../../../../src/cli/render/list-bottles.ts";
import type { World } from "../../../../src/host/world.ts";

const bottle: ListedBottle = {
  name: "hello-k3f9q2",
  session: "k3f9q2",
  agent: "hello",
  bottle: "plain",
  runtime: "runc",
  state: "running",
  createdAt: "2026-01-01T00:00:00Z",
  isOwned: true,
  workspace: undefined,
};

test.each([
  [{ state: "created" }, "starting"],
  [{ activity: "starting" }, "starting"],
  [{ activity: "waiting" }, "waiting for input"],
  [{ activity: "unknown" }, "running"],
  [{ activity: "working", isFrozen: true }, "frozen"],
  [{ state: "paused", isFrozen: true }, "frozen"],
  [{ activity: "working", isFrozen: false }, "working"],
  [{}, "running"],
  [{ state: "created", isOwned: false }, "created, left over"],
] as const)("%j is shown as %s", (difference, status) => {
  const now = Date.parse(bottle.createdAt);
  const world = { cwd: "/w", home: "/h" } as World;
  expect(renderListed({ ...bottle, ...difference }, world, now)[2]).toBe(status);
});
