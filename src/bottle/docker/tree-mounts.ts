/** How a bottle's container has the folders of a setup: those that are being made as they are, and kept ones through an overlay of its own. */
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import type { Engine } from "../../engine/engine.ts";
import { createOverlayVolume, createVolume, findVolume, removeVolume } from "../../engine/volumes.ts";
import type { TreeUse } from "../platform/tree-storage.ts";
import { treeIsGone } from "../tree-is-gone.ts";
import { labelKeys } from "./labels.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { undoObject } from "./undo-object.ts";

export type TreeMount = {
  readonly Type: "volume";
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  readonly VolumeOptions: { readonly NoCopy: true };
};

/** Makes what the mounts need; its removal is registered with `scope` first. */
export async function makeTreeMounts(
  engine: Engine,
  use: TreeUse | undefined,
  objects: { readonly names: ObjectNames; readonly labels: (role: Role) => Labels },
  scope: Scope,
): Promise<TreeMount[]> {
  if (!use) return [];
  const { folders, volumes, isMaking } = use;
  if (isMaking) return folders.map((folder, index) => mount(volumes[index] ?? "", folder));
  // Never the kept volume itself, not even for reading: gVisor empties a file that is opened for writing on a read-only mount
  return settleAll(
    folders.map(async (folder, index) => {
      const lower = volumes[index] ?? "";
      const name = `${objects.names.stem}-tree-${index}`;
      const labels = { ...objects.labels("tree-copy"), [labelKeys.tree]: use.id };
      await makeOverlay(engine, { lower, name, labels }, scope);
      return mount(name, folder);
    }),
  );
}

async function makeOverlay(
  engine: Engine,
  { lower, name, labels }: { readonly lower: string; readonly name: string; readonly labels: Labels },
  scope: Scope,
): Promise<void> {
  const [upper, work] = [`${name}-upper`, `${name}-work`];
  for (const one of [name, upper, work])
    scope.add(undoObject("volume", one), () => removeVolume(engine, one));
  const [below, ...own] = await settleAll([
    findVolume(engine, lower),
    createVolume(engine, { name: upper, labels }),
    createVolume(engine, { name: work, labels }),
  ]);
  if (!below) throw treeIsGone();
  await createOverlayVolume(engine, {
    name,
    labels,
    lower: below.mountpoint,
    upper: own[0].mountpoint,
    work: own[1].mountpoint,
  });
}

function mount(volume: string, folder: string): TreeMount {
  return {
    Type: "volume",
    Source: volume,
    Target: folder,
    ReadOnly: false,
    VolumeOptions: { NoCopy: true },
  };
}
