import { describe, expect, test } from "bun:test";
import { findBrokenTrees, findTrees } from "../../../../src/bottle/docker/kept-trees.ts";
import { labelKeys, makeCommonLabels } from "../../../../src/bottle/docker/labels.ts";
import type { Labels, Role } from "../../../../src/bottle/docker/labels.ts";
import type { Engine } from "../../../../src/engine/engine.ts";

const context = { owner: { bootId: "b", pid: 1, startTime: "1" }, version: "1.0.0", extra: {} };
const isDead = () => Promise.resolve(false);

function aVolume(name: string, role: Role, more: Labels) {
  return { Name: `claude-bottle-tree-${name}`, Labels: { ...makeCommonLabels(role, context), ...more } };
}

/** A setup of one folder. */
function aTree(id: string, more: Labels = {}) {
  const labels = { [labelKeys.tree]: id, [labelKeys.treeFolders]: "1", ...more };
  return [aVolume(id, "tree-whole", labels), aVolume(`${id}-0`, "tree", labels)];
}

/** An engine that does not know the filter, as older ones: it gives all of its volumes. */
function engineWith(volumes: readonly object[]) {
  const asked: unknown[] = [];
  const json = (method: string, path: string, { query }: { query: unknown }) => {
    asked.push([method, path, query]);
    return Promise.resolve({ Volumes: volumes });
  };
  return { asked, engine: { json } as unknown as Engine };
}

describe("what is left of kept setups", () => {
  test("are whole with their mark and all of their folders; what is left of others is broken", async () => {
    const [mark] = aTree("0b");
    const [, folder] = aTree("0c");
    const { asked, engine } = engineWith([...aTree("0a"), mark ?? {}, folder ?? {}]);
    expect((await findTrees(engine)).map((one) => one.id)).toEqual(["0a"]);
    asked.length = 0;
    expect(await findBrokenTrees(engine, isDead)).toEqual([
      "claude-bottle-tree-0b",
      "claude-bottle-tree-0c-0",
    ]);
    expect(asked).toHaveLength(2);
    expect(await findBrokenTrees(engine, () => Promise.resolve(true))).toEqual([]);
  });

  test("of a later version are neither used nor broken", async () => {
    const later = { [labelKeys.schema]: "99" };
    const [mark] = aTree("0b", later);
    const { engine } = engineWith([...aTree("0a", later), mark ?? {}]);
    expect(await findTrees(engine)).toEqual([]);
    expect(await findBrokenTrees(engine, isDead)).toEqual([]);
  });
});
