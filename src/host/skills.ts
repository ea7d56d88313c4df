/**
 * Reading a skill's folder for the bottle: only what is really inside it, so that a link cannot carry another file in. Its digest is
 * part of what is approved, since a skill instructs an agent as a prompt does; a file that is another when it is copied is an error.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { quote } from "../core/text.ts";
import { lookForCredentials } from "./credential-files.ts";
import { isMissing } from "./files.ts";
import { readKnownTree } from "./known-tree.ts";

/** A skill is text and a few scripts */
const maxFiles = 2_000;
const maxBytes = 64 * 1024 * 1024;

export interface Skill {
  readonly name: string;
  /** Absolute */
  readonly directory: string;
  readonly files: readonly FileEntry[];
  readonly bytes: number;
  /** SHA-256 of names, modes and contents */
  readonly digest: string;
  /** Its files that look like credentials, relative to the folder */
  readonly credentials: readonly string[];
}

/** Reads a skill's files; they are read again when they are copied, and compared. Throws if the skill is not there or not fit. */
export async function readSkill(name: string, skillsFolder: string): Promise<Skill> {
  const directory = join(skillsFolder, name);
  await requireFolder(name, directory);
  const { files, bytes, digest } = await readKnownTree(directory, {
    maxFiles,
    maxBytes,
    takesLinks: false,
    unfit: (state) => unfit(name, state),
    changed: (path) => changed(name, path),
  });
  const paths = files.map((file) => file.path);
  const credentials = await lookForCredentials(directory, paths.toSorted());
  return { name, directory, files, bytes, digest, credentials };
}

function changed(name: string, path: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy skill ${quote(name)}: ${quote(path)} changed after it was shown`,
    hint: "Start again and look at what changed.",
  });
}

/** The folder itself may be a link: the user put it there, and many keep skills in a dotfiles repository. */
async function requireFolder(name: string, directory: string): Promise<void> {
  try {
    await readdir(directory);
  } catch (error) {
    throw new BottleError({
      code: "input",
      message: `Cannot find skill ${quote(name)}: ${isMissing(error) ? "there is no folder" : "cannot read"} ${quote(directory)}`,
      hint: "Create the skill there, or remove it from the agent's skills in the manifest.",
      cause: error,
    });
  }
}

function unfit(name: string, state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use skill ${quote(name)}: ${state}`,
    hint: "Keep the skill's files in its folder, as plain files.",
  });
}
