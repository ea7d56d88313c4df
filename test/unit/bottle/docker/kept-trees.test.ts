/** Which trees of setups stay and which go, on an engine that keeps volumes and nothing else. */
import { expect, setSystemTime, test } from "bun:test";
import { labelKeys } from "../../../../src/bottle/docker/labels.ts";
import { findTrees, openTree, removeFoundTrees } from "../../../../src/bottle/docker/kept-trees.ts";
import type { Engine } from "../../../../src/engine/engine.ts";
import { createVolume } from "../../../../src/engine/volumes.ts";

const context = { owner: { bootId: "test", pid: process.pid, startTime: "1" }, version: "test", extra: {} };

interface Call {
  readonly body?: { readonly Name: string; readonly Labels: Record<string, string> };
  readonly query?: { readonly filters: string };
}

function anEngine(filters = true): Engine {
  const volumes = new Map<string, Record<string, string>>();
  return {
    async json(_method: string, _path: string, { body, query }: Call) {
      if (body) volumes.set(body.Name, body.Labels);
      const { label } = JSON.parse(query?.filters ?? '{"label":[]}') as { label: string[] };
      const all = [...volumes].map(([Name, Labels]) => ({ Name, Labels }));
      const has = (labels: Record<string, string>, pair: string) =>
        Object.entries(labels).some((one) => one.join("=") === pair);
      const found = all.filter(({ Labels }) => label.every((pair) => has(Labels, pair)));
      return { Volumes: filters ? found : all };
    },
    async send(_method: string, path: string) {
      volumes.delete(path.replace("/volumes/", ""));
    },
  } as unknown as Engine;
}

/** Each a second later than the one before. */
async function makeTrees(engine: Engine, ...trees: readonly (readonly [key: string, family: string])[]) {
  for (const [index, [key, family]] of trees.entries()) {
    setSystemTime(new Date(Date.UTC(2026, 0, 1, 12, 0, index)));
    const tree = await openTree(engine, { key, family, image: "sha256:i", folders: 1 }, context);
    await tree.complete();
  }
  setSystemTime();
}
const keys = async (engine: Engine) => (await findTrees(engine)).map((tree) => tree.key);

test.each([
  ["that filters", true],
  ["that does not know the filter", false],
])("of each family the two newest trees stay, on an engine %s", async (_engine, filters) => {
  const engine = anEngine(filters);
  await makeTrees(engine, ["1", "a"], ["2", "b"], ["3", "a"], ["4", "a"], ["5", "a"]);
  expect(await keys(engine)).toEqual(["5", "4", "2"]);
});

test("one that a bottle uses stays, and is told", async () => {
  const engine = anEngine();
  await makeTrees(engine, ["1", "a"], ["2", "b"]);
  const [newest] = await findTrees(engine);
  const labels = { [labelKeys.role]: "tree-copy", [labelKeys.tree]: newest?.id ?? "" };
  await createVolume(engine, { name: "copy", labels });
  expect(await removeFoundTrees(engine, await findTrees(engine))).toEqual([
    `setup ${newest?.name}: a bottle uses it`,
  ]);
  expect(await keys(engine)).toEqual(["2"]);
});
