/** A place for what is kept between runs where the home folder has none: in images and CI, a home may be nobody's or not for writing. */
import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BottleError, messageOf } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { stateFolder } from "./state.ts";
import type { World } from "./world.ts";

type StateWorld = Pick<World, "env" | "home" | "uid">;

/**
 * The folder to take for `XDG_STATE_HOME`, below the folder for temporary files; undefined where the usual one will do. Each user has one, so
 * that the next command finds what this one left, and nobody else can have made it. Synchronous: it is asked before anything else.
 */
export function findTemporaryState(world: StateWorld, temporary = tmpdir()): string | undefined {
  const usual = stateFolder(world);
  if (canWrite(usual)) return undefined;
  const own = join(temporary, `claude-bottle-${world.uid}`);
  try {
    mkdirSync(own, { mode: 0o700 });
    return own;
  } catch {
    if (isOwn(own, world.uid)) return own;
  }
  try {
    return mkdtempSync(`${own}-`);
  } catch (cause) {
    throw new BottleError({
      code: "file",
      message: `Cannot keep anything: neither ${quote(usual)} nor ${quote(temporary)} can be written (${messageOf(cause)})`,
      hint: "Set XDG_STATE_HOME to a folder that can be written.",
      cause,
    });
  }
}

/** Of what is not there yet, whether it could be made. */
function canWrite(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    try {
      accessSync(at, constants.W_OK | constants.X_OK);
      return true;
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code !== "ENOENT";
      if (isThere || at === dirname(at)) return false;
    }
  }
}

/** A folder and no link, this user's and for nobody else: in a place where all may write, anybody may have made it. */
function isOwn(path: string, uid: number): boolean {
  try {
    const status = lstatSync(path);
    return status.isDirectory() && status.uid === uid && (status.mode & 0o077) === 0 && canWrite(path);
  } catch {
    return false;
  }
}
