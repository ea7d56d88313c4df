/**
 * Where a workspace may be. A start in the home folder is a slip more often than meant, and would hand an agent everything that the user
 * has; listing it takes minutes too, so this is asked first.
 */
import { realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { findText } from "../files.ts";
import { stateFolder } from "../state.ts";
import type { World } from "../world.ts";

type Place = Pick<World, "cwd" | "env" | "home">;

/**
 * Throws if the working directory is a home folder of the user's or above one, unless that `isMeant`, or if it is in the state folder, which
 * holds other sessions' work and approvals.
 */
export async function requireWorkspacePlace(world: Place, isMeant: boolean): Promise<void> {
  const { cwd } = world;
  if (await isWithin(cwd, stateFolder(world))) {
    throw unfit(cwd, "claude-bottle keeps its own records there", "Change to the folder of a project.");
  }
  if (isMeant) return;
  for (const home of await findHomes(world)) {
    if (!(await isWithin(home, cwd))) continue;
    const isHome = await isWithin(cwd, home);
    throw unfit(
      cwd,
      isHome ? "it is your home folder" : `your home folder ${quote(home)} is in it`,
      "Change to the folder of a project, or pass --allow-home to copy all of it.",
    );
  }
}

/** What HOME says, what the account says, and the home of whoever became root by sudo. */
async function findHomes({ env, home }: Place): Promise<string[]> {
  const homes = [home, findAccountHome(), await findSudoHome(env["SUDO_USER"])];
  return homes.flatMap((one) => (one?.startsWith("/") ? [one] : []));
}

/** Undefined for a user id without an account, as containers have it. */
function findAccountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

async function findSudoHome(name: string | undefined): Promise<string | undefined> {
  if (!name) return undefined;
  const accounts = (await findText("/etc/passwd").catch(() => undefined)) ?? "";
  const line = accounts.split("\n").find((one) => one.startsWith(`${name}:`));
  return line?.split(":")[5];
}

/** True if `path` is `folder` or below it, by whatever links, spellings and mounts the two are reached. */
async function isWithin(path: string, folder: string): Promise<boolean> {
  const [start, root] = await Promise.all([findReal(path), findReal(folder)]);
  const wanted = await identify(root);
  for (let at = start; ; at = dirname(at)) {
    if (at === root || (wanted !== undefined && (await identify(at)) === wanted)) return true;
    if (at === dirname(at)) return false;
  }
}

function findReal(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** The same for all names of a folder. Undefined for what is not there, and on file systems that do not number their files. */
async function identify(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status && status.ino !== 0n ? `${status.dev}:${status.ino}` : undefined;
}

function unfit(folder: string, state: string, hint: string): BottleError {
  return new BottleError({ code: "input", message: `Cannot copy ${quote(folder)}: ${state}`, hint });
}
