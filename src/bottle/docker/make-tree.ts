/** Setups on the engine: what is kept of them is found, made and used by the image's id. */
import { settleAll } from "../../core/settle.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage } from "../../engine/images.ts";
import { readVolumeSizes } from "../../engine/volumes.ts";
import type { BottlePlan, SetupPlan } from "../../plan/plan.ts";
import type { SetupRequest, SetupStore } from "../setup-store.ts";
import { runSetup } from "../setup/run-setup.ts";
import { listTreeFolders } from "../agent/tree-folders.ts";
import { findTreeOf, findTrees, openTree, removeFoundTrees, treeIsGone } from "./kept-trees.ts";
import { launchBottle } from "./launch.ts";
import type { LaunchContext } from "./launch.ts";

/** The platform's part that keeps what setups make. `prepare` has everything there that a launch needs. */
export function makeSetupStore(
  connect: () => Promise<Engine>,
  prepare: (engine: Engine, request: SetupRequest) => Promise<LaunchContext>,
): SetupStore {
  return {
    async findTree(key, { state, reference, resolved }) {
      if (state === "build") return undefined;
      const engine = await connect();
      const image = await findImage(engine, resolved ?? reference);
      return image && findTreeOf(engine, { key, image: image.id });
    },
    async makeTree(request) {
      const engine = await connect();
      await makeTree(engine, request, await prepare(engine, request));
    },
    async listTrees({ hasSizes } = { hasSizes: false }) {
      const engine = await connect();
      const [trees, sizes] = await settleAll([
        findTrees(engine),
        hasSizes ? readVolumeSizes(engine) : Promise.resolve(new Map<string, number>()),
      ]);
      return trees.map((tree) => {
        const bytes = tree.volumes.map((name) => sizes.get(name));
        return bytes.includes(undefined)
          ? tree
          : { ...tree, bytes: bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0) };
      });
    },
    async removeTrees(trees) {
      const engine = await connect();
      const names = new Set(trees.map((one) => one.name));
      return removeFoundTrees(
        engine,
        (await findTrees(engine)).filter((one) => names.has(one.name)),
      );
    },
  };
}

/** The context of a launch that uses what the plan's setup made. Throws if that is not there. */
export async function withTree(
  engine: Engine,
  { setup }: BottlePlan,
  context: LaunchContext,
): Promise<LaunchContext> {
  if (!setup) return context;
  const found = await findTreeOf(engine, await identify(engine, setup, context));
  if (!found) throw treeIsGone();
  return {
    ...context,
    tree: { id: found.id, folders: listTreeFolders(setup), volumes: found.volumes, isMaking: false },
  };
}

async function makeTree(engine: Engine, request: SetupRequest, context: LaunchContext): Promise<void> {
  const { setup } = request.plan;
  if (!setup) return;
  const id = await identify(engine, setup, context);
  // Another start may have made it since the plan was
  if (await findTreeOf(engine, id)) return;
  const folders = listTreeFolders(setup);
  const { family } = request;
  const open = await openTree(engine, { ...id, family, folders: folders.length }, context.labels);
  const tree = { id: open.id, folders, volumes: open.volumes, isMaking: true };
  try {
    await runSetup(
      (options, command) => launchBottle(engine, options, { ...context, command, tree }),
      setup,
      request,
    );
    await open.complete();
  } catch (error) {
    await open.discard().catch(() => undefined);
    throw error;
  }
}

async function identify(engine: Engine, { key }: SetupPlan, { image }: LaunchContext) {
  const found = await findImage(engine, image);
  return { key, image: found?.id ?? image };
}
