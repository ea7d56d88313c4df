/** A git folder and objects that we write ourselves, as git would, without a git for each (gitrepository-layout(5)). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { GitPlace } from "./git.ts";

export type ObjectType = "blob" | "tree" | "commit";

/** An empty bare repository. `gitFolder` may be there already, and be empty. */
export function makeGitFolder(gitFolder: string, objectFormat: string): void {
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "info"])
    mkdirSync(join(gitFolder, folder), { recursive: true });
  const isOther = objectFormat !== "sha1";
  const extensions = isOther ? `[extensions]\n\tobjectFormat = ${objectFormat}\n` : "";
  writeFileSync(join(gitFolder, "HEAD"), "ref: refs/heads/master\n");
  writeFileSync(
    join(gitFolder, "config"),
    `[core]\n\trepositoryformatversion = ${isOther ? 1 : 0}\n\tfilemode = true\n\tbare = true\n${extensions}`,
  );
}

/** Writes a loose object and returns its id. */
export function writeObject(
  { gitFolder, objectFormat = "sha1" }: GitPlace,
  type: ObjectType,
  content: Buffer,
): string {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = createHash(objectFormat).update(whole).digest("hex");
  const folder = join(gitFolder, "objects", id.slice(0, 2));
  const file = join(folder, id.slice(2));
  if (existsSync(file)) return id;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, deflateSync(whole, { level: 1 }));
  return id;
}

export function emptyTree(place: GitPlace): string {
  return writeObject(place, "tree", Buffer.alloc(0));
}

const author = "claude-bottle <claude-bottle@localhost>";

/** Writes a commit of ours, of this moment. */
export function writeCommit(
  place: GitPlace,
  tree: string,
  parent: string | undefined,
  message: string,
): string {
  const by = `${author} ${Math.floor(Date.now() / 1000)} +0000`;
  const parents = parent === undefined ? "" : `parent ${parent}\n`;
  const text = `tree ${tree}\n${parents}author ${by}\ncommitter ${by}\n\n${message}`;
  return writeObject(place, "commit", Buffer.from(text, "utf8"));
}
