/** Opens all objects of a pack one after the other, whatever they are written as, with no more of them in memory than one branch of bases. */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { applyDelta } from "./delta.ts";
import { listEntries, openAt, tooLarge, unreadable } from "./pack.ts";
import type { HashName, ObjectKind, PackEntry, PackLimits } from "./pack.ts";

export interface PackObject {
  readonly kind: ObjectKind;
  /** As hex, made from its content */
  readonly id: string;
  readonly bytes: Buffer;
}

/** Between two pauses, in which everything else of the gate goes on */
const turnMs = 20;

/** Calls off what takes too long, and lets others go on. */
interface Pace {
  rest(): Promise<void>;
}

function makePace(limits: PackLimits): Pace {
  const begin = performance.now();
  let turn = begin;
  return {
    async rest() {
      const now = performance.now();
      if (now - begin > limits.milliseconds)
        throw tooLarge(`it takes more than ${limits.milliseconds / 1000} s`);
      if (now - turn < turnMs) return;
      await setImmediate();
      turn = performance.now();
    },
  };
}

/** Calls back once for each object. Rejects with a `GitProblem` if one of them cannot be had from the pack alone. */
export async function openObjects(
  pack: Buffer,
  hash: HashName,
  limits: PackLimits,
  visit: (object: PackObject) => void,
): Promise<void> {
  const pace = makePace(limits);
  const roots: PackEntry[] = [];
  const above = new Map<number | string, PackEntry[]>();
  let waiting = 0;
  for (const entry of listEntries(pack, hash, limits)) {
    if (entry.base === undefined) roots.push(entry);
    else {
      const others = above.get(entry.base);
      if (others) others.push(entry);
      else above.set(entry.base, [entry]);
      waiting += 1;
    }
    await pace.rest();
  }
  const take = (keys: readonly (number | string)[]) => {
    const found = keys.flatMap((key) => above.get(key) ?? []);
    for (const key of keys) above.delete(key);
    waiting -= found.length;
    return found;
  };
  const budget = { opened: limits.openedBytes };
  for (const root of roots) await openBranch({ pack, hash, limits, visit, pace, take, budget }, root);
  if (waiting > 0)
    throw unreadable(
      "an object builds on one that is not in it; git sends such packs only if it is not asked not to",
    );
}

interface Opening {
  readonly pack: Buffer;
  readonly hash: HashName;
  readonly limits: PackLimits;
  readonly visit: (object: PackObject) => void;
  readonly pace: Pace;
  /** What builds on an object, by its place and its id; each once */
  readonly take: (keys: readonly (number | string)[]) => PackEntry[];
  /** Bytes that may still be made of deltas */
  readonly budget: { opened: number };
}

interface Level {
  readonly bytes: Buffer;
  readonly above: PackEntry[];
}

/** Depth first: an object is in memory as long as something that builds on it is not opened. */
async function openBranch(opening: Opening, root: PackEntry): Promise<void> {
  const { pack, limits, pace, budget } = opening;
  const kind = root.kind as ObjectKind;
  const levels: Level[] = [];
  let kept = 0;
  const enter = (entry: PackEntry, bytes: Buffer) => {
    const id = nameObject(opening.hash, kind, bytes);
    opening.visit({ kind, id, bytes });
    const above = opening.take([entry.offset, id]);
    if (above.length === 0) return;
    kept += bytes.length;
    if (kept > limits.keptBytes) throw tooLarge("its objects build on each other in too long a row");
    levels.push({ bytes, above });
  };
  enter(root, openAt(pack, root.start, root.size).bytes);
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const next = level.above.pop();
    if (!next) {
      levels.pop();
      kept -= level.bytes.length;
      continue;
    }
    const bytes = applyDelta(level.bytes, openAt(pack, next.start, next.size).bytes, limits.objectBytes);
    budget.opened -= bytes.length;
    if (budget.opened < 0) throw tooLarge(`its files have more than ${limits.openedBytes / 1024 / 1024} MiB`);
    enter(next, bytes);
    await pace.rest();
  }
  await pace.rest();
}

function nameObject(hash: HashName, kind: ObjectKind, bytes: Buffer): string {
  return createHash(hash).update(`${kind} ${bytes.length}\0`).update(bytes).digest("hex");
}
