import { expect, test } from "bun:test";
import { renderFailures } from "../../../../src/bottle/left-behind.ts";
import { undoObject } from "../../../../src/bottle/docker/undo-object.ts";
import { Scope } from "../../../../src/core/scope.ts";

test("says of each thing that stayed how to remove it, and of anything else only what went wrong", async () => {
  const fail = () => Promise.reject(new Error("busy"));
  const scope = new Scope();
  scope.add("bottle under test", fail);
  scope.add(undoObject("volume", "a b"), fail);
  scope.add(undoObject("container", "c"), fail);
  const lines = renderFailures(await scope.close());
  expect(lines.toSorted()).toEqual([
    "bottle under test: busy",
    'container c: busy; remove it with "claude-bottle cleanup" or "docker rm -f c"',
    `volume a b: busy; remove it with "claude-bottle cleanup" or "docker volume rm 'a b'"`,
  ]);
});
