/**
 * What setups made, on volumes of their own: one for each folder, and one more whose labels say that all of them are whole. Bottles see
 * a folder through an overlay, so that what one changes is its own, and nothing is copied.
 */
import { randomBytes } from "node:crypto";
import { messageOf } from "../../core/error.ts";
import type { IsAlive } from "../../core/process-owner.ts";
import { settleAll } from "../../core/settle.ts";
import type { Engine } from "../../engine/engine.ts";
import { createVolume, listVolumes, removeVolume } from "../../engine/volumes.ts";
import type { NamedVolume } from "../../engine/volumes.ts";
import type { OpenTree, StoredTree, TreeId, TreeRequest } from "../platform/tree-storage.ts";
import type { KeptTree } from "../setup-store.ts";
import { isAbandoned } from "./abandoned.ts";
import { labelKeys, labelSchema, makeCommonLabels } from "./labels.ts";
import type { LabelContext, Labels, Role } from "./labels.ts";

/** Of one setup and one folder of the user's: to go back to the last state costs nothing, and older ones go */
const keptOfFamily = 2;

/** A tree on the engine. */
export interface FoundTree extends KeptTree, StoredTree {
  readonly image: string;
  readonly family: string;
  /** Name of the volume that says that it is whole */
  readonly mark: string;
}

/** Those that are whole, newest first. */
export async function findTrees(engine: Engine, labels: readonly string[] = []): Promise<FoundTree[]> {
  return findWhole(await listTreeVolumes(engine, labels));
}

interface TreeVolumes {
  readonly marks: readonly NamedVolume[];
  readonly folders: readonly NamedVolume[];
}

/** All folders, and the marks that carry each of the labels; none of a later version. */
async function listTreeVolumes(engine: Engine, labels: readonly string[] = []): Promise<TreeVolumes> {
  const [marks, folders] = await settleAll([
    listRole(engine, "tree-whole", labels),
    listRole(engine, "tree"),
  ]);
  const isOurs = ({ labels: of }: NamedVolume) => of[labelKeys.schema] === labelSchema;
  return { marks: marks.filter(isOurs), folders: folders.filter(isOurs) };
}

function findWhole({ marks, folders }: TreeVolumes): FoundTree[] {
  const present = new Set(folders.map((one) => one.name));
  return marks
    .map(({ name, labels: of }) => readMark(name, of))
    .filter((tree) => tree.volumes.length > 0 && tree.volumes.every((volume) => present.has(volume)))
    .toSorted((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
}

/** The one that a launch uses. */
export async function findTreeOf(engine: Engine, { key, image }: TreeId): Promise<FoundTree | undefined> {
  return (await findTrees(engine, [`${labelKeys.treeKey}=${key}`])).find((one) => one.image === image);
}

export async function openTree(engine: Engine, of: TreeRequest, context: LabelContext): Promise<OpenTree> {
  const id = randomBytes(6).toString("hex");
  const volumes = volumesOf(id, of.folders);
  const mark = `${volumePrefix}${id}`;
  const discard = async () =>
    void (await settleAll([mark, ...volumes].map((name) => removeVolume(engine, name))));
  try {
    await settleAll(
      volumes.map((name) =>
        createVolume(engine, {
          name,
          labels: { ...makeCommonLabels("tree", context), [labelKeys.tree]: id },
        }),
      ),
    );
  } catch (error) {
    await discard().catch(() => undefined);
    throw error;
  }
  return {
    id,
    volumes,
    discard,
    async complete() {
      const labels = { ...makeCommonLabels("tree-whole", context), ...renderMark(id, of) };
      await createVolume(engine, { name: mark, labels });
      await removeOlder(engine, of.family);
    },
  };
}

/** Of the same setup in the same folder; those that bottles use stay until a later time. */
async function removeOlder(engine: Engine, family: string): Promise<void> {
  const trees = await findTrees(engine, [`${labelKeys.treeFamily}=${family}`]);
  await removeFoundTrees(engine, trees.slice(keptOfFamily));
}

/** Those that a bottle uses stay; the engine knows nothing of that. Returns one line for each that stays. */
export async function removeFoundTrees(engine: Engine, trees: readonly FoundTree[]): Promise<string[]> {
  const copies = await listRole(engine, "tree-copy");
  const used = new Set(copies.map((one) => one.labels[labelKeys.tree]));
  const failures = await Promise.all(
    trees.map(async (tree): Promise<string | undefined> => {
      if (used.has(tree.id)) return `setup ${tree.name}: a bottle uses it`;
      try {
        // With one of them gone it is no longer whole, and a cleanup finds the others
        for (const name of [...tree.volumes, tree.mark]) await removeVolume(engine, name);
        return undefined;
      } catch (error) {
        return `setup ${tree.name}: ${messageOf(error)}`;
      }
    }),
  );
  return failures.filter((one) => one !== undefined);
}

/** Volumes that belong to no tree that is whole, and whose maker is gone. */
export async function findBrokenTrees(engine: Engine, isAlive: IsAlive): Promise<string[]> {
  const found = await listTreeVolumes(engine);
  const whole = new Set(findWhole(found).flatMap((tree) => [tree.mark, ...tree.volumes]));
  const others = [...found.marks, ...found.folders].filter((one) => !whole.has(one.name));
  const isLeft = await Promise.all(others.map(({ labels }) => isAbandoned(labels, isAlive)));
  return others.filter((_, index) => isLeft[index]).map((one) => one.name);
}

/** An engine that does not know the filter gives all of them. */
async function listRole(engine: Engine, role: Role, labels: readonly string[] = []): Promise<NamedVolume[]> {
  const wanted = [`${labelKeys.role}=${role}`, ...labels];
  const found = await listVolumes(engine, wanted);
  const has = (of: Labels, pair: string) => Object.entries(of).some((one) => one.join("=") === pair);
  return found.filter((one) => wanted.every((pair) => has(one.labels, pair)));
}

const volumePrefix = "claude-bottle-tree-";

function volumesOf(id: string, folders: number): string[] {
  return Array.from({ length: folders }, (_, index) => `${volumePrefix}${id}-${index}`);
}

function renderMark(id: string, { key, image, family, folders }: TreeRequest): Labels {
  return {
    [labelKeys.tree]: id,
    [labelKeys.treeKey]: key,
    [labelKeys.treeImage]: image,
    [labelKeys.treeFamily]: family,
    [labelKeys.treeFolders]: String(folders),
    [labelKeys.madeAt]: new Date().toISOString(),
  };
}

function readMark(mark: string, labels: Labels): FoundTree {
  const id = /^[0-9a-f]+$/.exec(labels[labelKeys.tree] ?? "")?.[0] ?? "";
  const folders = Number(labels[labelKeys.treeFolders]);
  return {
    id,
    mark,
    name: id,
    key: labels[labelKeys.treeKey] ?? "",
    image: labels[labelKeys.treeImage] ?? "",
    family: labels[labelKeys.treeFamily] ?? "",
    madeAt: labels[labelKeys.madeAt] ?? "",
    volumes: Number.isInteger(folders) && folders > 0 && folders <= 50 ? volumesOf(id, folders) : [],
  };
}
