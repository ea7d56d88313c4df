/** Setups on a platform: what is kept of them is found, made and used by the image's id. */
import type { SetupPlan } from "../../plan/plan.ts";
import type { LaunchOptions } from "../bottle.ts";
import { listTreeFolders } from "../agent/tree-folders.ts";
import { findRunnable } from "../image/planned-image.ts";
import { launchBottle } from "../launch/launch-bottle.ts";
import type { Platform } from "../platform/platform.ts";
import type { TreeId, TreeUse } from "../platform/tree-storage.ts";
import type { SetupRequest, SetupStore } from "../setup-store.ts";
import { runSetup } from "../setup/run-setup.ts";
import { treeIsGone } from "../tree-is-gone.ts";
import type { PreparedLaunch } from "./prepare-launch.ts";

/** The part of the contract that keeps what setups make. `prepare` has everything there that a launch needs. */
export function makeSetupStore(
  platform: Platform,
  prepare: (request: LaunchOptions) => Promise<PreparedLaunch>,
): SetupStore {
  const { trees, images } = platform;
  return {
    async findTree(key, image) {
      const reference = findRunnable(image);
      const found = reference === undefined ? undefined : await images.find(reference);
      return found && trees.find({ key, image: found.id });
    },
    makeTree: async (request) => makeTree(platform, request, await prepare(request)),
    listTrees: (options = { hasSizes: false }) => trees.list(options),
    removeTrees: (found) => trees.remove(found),
  };
}

/** What a launch uses of the plan's setup, by the image's id; undefined without one. Throws if it is not there. */
export async function findTreeUse(
  { trees }: Pick<Platform, "trees">,
  setup: SetupPlan | undefined,
  image: string,
): Promise<TreeUse | undefined> {
  if (!setup) return undefined;
  const found = await trees.find({ key: setup.key, image });
  if (!found) throw treeIsGone();
  return { ...found, folders: listTreeFolders(setup), isMaking: false };
}

async function makeTree(
  { trees }: Pick<Platform, "trees">,
  request: SetupRequest,
  { maker, filterVersion }: PreparedLaunch,
): Promise<void> {
  const { plan, family } = request;
  const { setup } = plan;
  if (!setup) return;
  const id: TreeId = { key: setup.key, image: maker.imageId };
  // Another start may have made it since the plan was
  if (await trees.find(id)) return;
  const folders = listTreeFolders(setup);
  const open = await trees.open({ ...id, family, folders: folders.length });
  const tree = { id: open.id, volumes: open.volumes, folders, isMaking: true };
  try {
    const launch = (options: LaunchOptions, command: readonly string[]) =>
      launchBottle(maker, options, { filterVersion, command, tree });
    // What is kept must not depend on what a database holds
    await runSetup(launch, setup, { ...request, plan: { ...plan, services: undefined } });
    await open.complete();
  } catch (error) {
    await open.discard().catch(() => undefined);
    throw error;
  }
}
