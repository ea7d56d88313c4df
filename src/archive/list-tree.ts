/** What is in a folder, or the one file that is asked for: looked at once, so that it is known how much will come. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { fromBytes, joinNames, toBytes } from "./byte-names.ts";
import { Refusal, toRefusal } from "./file-trouble.ts";
import { isGitName } from "./git-name.ts";
import type { CopyProblem } from "./tar-item.ts";

export interface TreeNode {
  /** Below the root; empty for the root itself */
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly size: number;
  readonly changedAt: number;
  readonly linkTarget: string;
  /** The same for all names of one file that has several; undefined for others */
  readonly identity: string | undefined;
}

export interface TreeList {
  /** Folders before what is in them, names in the order of their bytes */
  readonly nodes: readonly TreeNode[];
  readonly problems: readonly CopyProblem[];
  readonly leftOut: readonly string[];
}

const inARow = 500;

/**
 * `root` is an absolute path without a link. What cannot be looked at, and what is no file, folder or link, is a problem. Each is looked at
 * without waiting, which would take several times as long; but signals get their turn.
 */
export async function listTree(root: string, leavesOutGit: boolean): Promise<TreeList> {
  const found: Found = { nodes: [], problems: [], leftOut: [] };
  const open = [""];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.nodes.length % inARow === 0) await new Promise((resolve) => setImmediate(resolve));
    try {
      const node = look(joinNames(root, name), name);
      found.nodes.push(node);
      if (node.kind !== "directory") continue;
      const inside = readdirSync(toBytes(joinNames(root, name)), { encoding: "buffer" }).map(fromBytes);
      for (const one of inside.toSorted().toReversed()) {
        const path = joinNames(name, one);
        if (leavesOutGit && isGitName(one)) found.leftOut.push(path);
        else open.push(path);
      }
    } catch (error) {
      found.problems.push({ name, reason: toRefusal(error).message });
    }
  }
  return found;
}

type Found = { -readonly [Key in keyof TreeList]: TreeList[Key][number][] };

function look(path: string, name: string): TreeNode {
  const status = lstatSync(toBytes(path), { bigint: true });
  const kind = kindOf(status);
  const linkTarget = kind === "symlink" ? fromBytes(readlinkSync(toBytes(path), { encoding: "buffer" })) : "";
  return {
    name,
    kind,
    linkTarget,
    mode: Number(status.mode & 0o7777n),
    size: kind === "file" ? Number(status.size) : 0,
    changedAt: Number(status.mtimeNs) / 1e9,
    identity: kind === "file" && status.nlink > 1n ? `${status.dev}:${status.ino}` : undefined,
  };
}

function kindOf(status: BigIntStats): TreeNode["kind"] {
  if (status.isFile()) return "file";
  if (status.isDirectory()) return "directory";
  if (status.isSymbolicLink()) return "symlink";
  throw new Refusal(`it is ${status.isFIFO() ? "a FIFO" : status.isSocket() ? "a socket" : "a device"}`);
}
