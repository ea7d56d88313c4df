/** Where a copy goes, by the rules of `docker cp`, which are much those of `cp -r`. The same on this machine and in a bottle. */
import { lstat, realpath, stat } from "node:fs/promises";
import { folderOf, fromBytes, joinNames, toBytes } from "./byte-names.ts";
import { codeOf, Refusal } from "./file-trouble.ts";
import { sayWhy } from "../core/error.ts";

export interface CopySource {
  readonly kind: "file" | "folder";
  /** What it is called by whoever named it; a byte string */
  readonly name: string;
  /** What is in the folder is meant, as with `folder/.` */
  readonly isContents: boolean;
}

export interface LookedAt {
  /** Absolute, without a link in it; byte string. Of what is missing: where it would be */
  readonly path: string;
  readonly kind: "missing" | "file" | "folder";
  /** It was named as a folder: with a slash at its end */
  readonly mustBeFolder: boolean;
}

/** `typed` is an absolute path as it was named. Throws a `Refusal` for what nothing can be copied to. */
export async function lookAtTarget(typed: string): Promise<LookedAt> {
  const mustBeFolder = /\/\.{0,2}$/.test(typed);
  const status = await statOf(typed);
  if (status?.isDirectory()) return { path: await resolvePath(typed), kind: "folder", mustBeFolder };
  const bare = typed.replace(/(?:\/\.?)+$/, "");
  if (!(await statOf(folderOf(bare)))?.isDirectory()) throw new Refusal("there is no folder for it");
  const path = joinNames(await resolvePath(folderOf(bare)), bare.slice(bare.lastIndexOf("/") + 1));
  const own = await lstat(toBytes(path)).catch(ifMissing);
  // A link that a repository brought along must not decide which file is written
  if (own?.isSymbolicLink()) throw new Refusal("it is a link; name the file that it leads to");
  if (own && !own.isFile()) throw new Refusal("it is neither a plain file nor a folder");
  if (mustBeFolder && own) throw new Refusal("it is not a folder");
  return { path, kind: own ? "file" : "missing", mustBeFolder };
}

/** Where the source's root goes. Throws a `Refusal` where it cannot. */
export function placeCopy(source: CopySource, target: LookedAt): string {
  if (target.kind === "folder") {
    const isMerged = source.kind === "folder" && source.isContents;
    return isMerged ? target.path : joinNames(target.path, source.name);
  }
  if (source.kind === "folder" && target.kind === "file")
    throw new Refusal("it is a file, which a folder does not replace");
  if (source.kind === "file" && target.mustBeFolder) throw new Refusal("there is no such folder");
  return target.path;
}

/** What is copied, with a link that was named followed. Throws a `Refusal` for what is not there or is neither file nor folder. */
export async function lookAtSource(
  typed: string,
): Promise<{ readonly path: string; readonly kind: CopySource["kind"] }> {
  const status = await stat(toBytes(typed)).catch((error: unknown) => {
    throw new Refusal(codeOf(error) === "ENOENT" ? "there is no such file or folder" : sayWhy(error));
  });
  const kind = status.isDirectory() ? "folder" : status.isFile() ? "file" : undefined;
  if (!kind) throw new Refusal("it is neither a plain file nor a folder");
  return { path: await resolvePath(typed), kind };
}

async function statOf(path: string) {
  return stat(toBytes(path)).catch(ifMissing);
}

async function resolvePath(path: string): Promise<string> {
  return fromBytes(await realpath(toBytes(path), { encoding: "buffer" }));
}

function ifMissing(error: unknown): undefined {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
  throw new Refusal(sayWhy(error));
}
