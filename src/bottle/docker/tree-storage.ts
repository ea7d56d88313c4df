/** Where Docker keeps what setups made: on volumes. */
import { settleAll } from "../../core/settle.ts";
import type { Engine } from "../../engine/engine.ts";
import { readVolumeSizes } from "../../engine/volumes.ts";
import type { TreeStorage } from "../platform/tree-storage.ts";
import { findTreeOf, findTrees, openTree, removeFoundTrees } from "./kept-trees.ts";
import type { LabelContext } from "./labels.ts";

/** Connects when a method is called. */
export function makeTreeStorage(connect: () => Promise<Engine>, context: LabelContext): TreeStorage {
  return {
    find: async (of) => findTreeOf(await connect(), of),
    open: async (request) => openTree(await connect(), request, context),
    async list({ hasSizes }) {
      const engine = await connect();
      const [trees, sizes] = await settleAll([
        findTrees(engine),
        hasSizes ? readVolumeSizes(engine) : Promise.resolve(new Map<string, number>()),
      ]);
      return trees.map((tree) => {
        const bytes = tree.volumes.map((name) => sizes.get(name));
        const sum = bytes.reduce<number>((all, one) => all + (one ?? 0), 0);
        return bytes.includes(undefined) ? tree : { ...tree, bytes: sum };
      });
    },
    async remove(trees) {
      const engine = await connect();
      const names = new Set(trees.map((one) => one.name));
      const found = (await findTrees(engine)).filter((one) => names.has(one.name));
      return removeFoundTrees(engine, found);
    },
  };
}
