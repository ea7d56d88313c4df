/**
 * The keys of ssh connections into a session's bottle: one for the server, one for this user, made when the first connection comes and of no
 * use for any other session. They stand where the block that `ssh-config` prints has ssh look for them, by the name that was typed.
 */
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../core/error.ts";
import type { SshServerRequest } from "../protocol/ssh-server.ts";
import { findText, writeAtomically } from "./files.ts";
import { systemPath } from "./program-path.ts";
import { stateFolder } from "./state.ts";
import type { World } from "./world.ts";

/** Below the state folder */
export const sshFolder = "ssh";
const draftBeginning = ".draft-";
/** What a bottle may be called, and nothing that leads anywhere else */
const namePattern = /^[a-z0-9][a-z0-9.-]{0,100}$/;

export interface KeyRequest {
  /** As it was typed after `ssh` */
  readonly host: string;
  readonly session: string;
  /** Sessions that still run: the keys of all others go */
  readonly running: readonly string[];
}

/** The keys of the session, made again where those that are there belong to another. */
export async function readSessionKeys(
  world: Pick<World, "env" | "home">,
  { host, session, running }: KeyRequest,
): Promise<SshServerRequest> {
  if (!namePattern.test(host)) throw noName();
  const folder = join(stateFolder(world), sshFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOld(folder, [...running, session]);
  const place = join(folder, host);
  if ((await readOwner(place)) !== session) await makeKeys(world.env, { folder, place, host, session });
  const [hostKey, authorizedKey] = await Promise.all([readKey(place, "host"), readKey(place, "key.pub")]);
  return { hostKey, authorizedKey: authorizedKey.trim() };
}

/** Made aside and put there whole: two connections may come at once, and the first one's keys are then both's. */
async function makeKeys(
  env: World["env"],
  {
    folder,
    place,
    host,
    session,
  }: Omit<KeyRequest, "running"> & { readonly folder: string; readonly place: string },
): Promise<void> {
  const draft = await mkdtemp(join(folder, draftBeginning));
  try {
    await Promise.all(["host", "key"].map((name) => generate(env, join(draft, name))));
    const [type, key] = (await readKey(draft, "host.pub")).split(" ");
    await writeAtomically(join(draft, "known_hosts"), `${host} ${type} ${key}\n`);
    await writeAtomically(join(draft, "session"), session);
    // What is there now may be another connection's of this session
    const owner = await readOwner(place);
    if (owner !== undefined && owner !== session)
      await removeKeys(folder, place, (one) => one !== undefined && one !== session);
    await rename(draft, place).catch(async (error: unknown) => {
      if ((await readOwner(place)) !== session) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function generate(env: World["env"], path: string): Promise<void> {
  const program = Bun.which("ssh-keygen", { PATH: env["PATH"] ?? systemPath });
  if (program === null) throw noProgram();
  const words = [program, "-q", "-t", "ed25519", "-N", "", "-C", "claude-bottle", "-f", path];
  const child = Bun.spawn(words, { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  if ((await child.exited) !== 0) throw noProgram();
}

async function readKey(folder: string, name: string): Promise<string> {
  return (await findText(join(folder, name))) ?? "";
}

async function readOwner(place: string): Promise<string | undefined> {
  return findText(join(place, "session")).catch(() => undefined);
}

async function removeOld(folder: string, running: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = await readOwner(join(folder, name));
    // A draft has no owner until it is done
    const isOld = (one: string | undefined) => one !== undefined && !running.includes(one);
    if (isOld(owner)) await removeKeys(folder, join(folder, name), isOld);
  }
}

/** Taken aside before it is looked at once more: somebody may have put new ones there since. */
async function removeKeys(folder: string, place: string, isOld: (owner: string | undefined) => boolean) {
  const aside = await mkdtemp(join(folder, draftBeginning));
  const taken = join(aside, "taken");
  try {
    await rename(place, taken);
    if (!isOld(await readOwner(taken))) await rename(taken, place);
  } catch {
    // It is gone, or there again
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function noName(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot connect: the name of a bottle is lower case letters, digits and hyphens",
    hint: 'See "claude-bottle list".',
  });
}

function noProgram(): BottleError {
  return new BottleError({
    code: "session",
    message: "Cannot make keys for the connection: ssh-keygen cannot be run",
    hint: "Install OpenSSH's client, which has it.",
  });
}
