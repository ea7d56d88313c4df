/**
 * What the user has outside of every repository: lists of what is ignored and how files are treated (gitignore(5), gitattributes(5)), and
 * a name for commits.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runGitLine } from "../git.ts";
import type { Env } from "../git.ts";
import { findSettings } from "./read-repository.ts";
import { renderUserSettings } from "./settings.ts";

export interface UserLists {
  /** Patterns, bytes as latin1; empty for none */
  readonly ignore: string;
  readonly attributes: string;
  /** Who the user is to git, in the form of a configuration file; the bytes as latin1, too */
  readonly config: string;
}

/** A list is written by hand; a longer file is none */
const maxBytes = 4 * 1024 * 1024;

/** Reads those that git would read for `folder`, wherever its configuration says that they are. */
export async function readUserLists(folder: string, env: Env): Promise<UserLists> {
  const [ignore, attributes, settings] = await Promise.all([
    readList(folder, env, "core.excludesFile", "ignore"),
    readList(folder, env, "core.attributesFile", "attributes"),
    findSettings(folder, env),
  ]);
  const config = Buffer.from(renderUserSettings(settings ?? [])).toString("latin1");
  return { ignore, attributes, config };
}

async function readList(folder: string, env: Env, key: string, name: string): Promise<string> {
  const configured = await runGitLine(folder, ["config", "--type=path", "--get", key], env);
  const base =
    env["XDG_CONFIG_HOME"] || (env["HOME"] === undefined ? undefined : join(env["HOME"], ".config"));
  const path = configured ?? (base === undefined ? undefined : join(base, "git", name));
  return path === undefined ? "" : ((await findBytes(resolve(folder, path)))?.toString("latin1") ?? "");
}

/** What git does not read as a list is none for us either; a pipe is not waited for. */
export async function findBytes(path: string, limit = maxBytes): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      return status.isFile() && status.size <= limit ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
