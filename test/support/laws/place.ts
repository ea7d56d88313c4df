/** The folders that a case runs in, and the environments of the two sides. */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LawCase } from "./case.ts";
import type { Env } from "./run.ts";

export interface Place {
  /** Everything; removed at the end */
  readonly folder: string;
  /** `$R`: the user's home, the workspace and what it came from */
  readonly host: string;
  /** `$W`: what `start --cwd` is run in */
  readonly project: string;
  /** Stands for the container's `/` */
  readonly bottle: string;
  /** Of claude-bottle, outside of what must not change */
  readonly stateHome: string;
}

export async function openPlace(parent: string): Promise<Place> {
  const folder = await realpath(await mkdtemp(join(parent, "laws-")));
  const place = {
    folder,
    host: join(folder, "host"),
    project: join(folder, "host/project"),
    bottle: join(folder, "bottle"),
    stateHome: join(folder, "state"),
  };
  await Promise.all([place.host, place.bottle, place.stateHome].map((one) => mkdir(one)));
  await mkdir(join(place.host, "home"));
  return place;
}

export function closePlace(place: Place): Promise<void> {
  return rm(place.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The shell of the user who has the repository: what the state's steps have exported, and no setting of this machine. */
export function userEnvironment(place: Place, one: Pick<LawCase, "state">): Env {
  const exported = Object.assign({}, ...one.state.map((step) => step.env ?? {})) as Record<string, string>;
  const env: Record<string, string | undefined> = {
    ...ownEnvironment,
    HOME: join(place.host, "home"),
    XDG_STATE_HOME: place.stateHome,
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  for (const [name, value] of Object.entries(exported)) env[name] = value.replaceAll("$R", place.host);
  return env;
}

/** What every program of a case has. */
export const ownEnvironment: Env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };

/**
 * For the commands of both sides: who commits, no editor, no question, `file` as the only way to fetch, and no limits by age, since all
 * commits are old.
 */
export function commandEnvironment(env: Env): Env {
  const identity = { NAME: "Somebody", EMAIL: "somebody@example.invalid" };
  const who = Object.entries(identity).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return addSettings(
    {
      ...env,
      ...(Object.fromEntries(who) as Record<string, string>),
      GIT_EDITOR: "true",
      GIT_SEQUENCE_EDITOR: "true",
      GIT_MERGE_AUTOEDIT: "no",
      GIT_TERMINAL_PROMPT: "0",
      GIT_ALLOW_PROTOCOL: "file",
      // For speed: no folder of sample hooks, and no waiting for the disk
      GIT_TEMPLATE_DIR: "",
      GIT_TEST_FSYNC: "0",
    },
    {
      "init.defaultBranch": "main",
      "gc.reflogExpire": "never",
      "gc.reflogExpireUnreachable": "never",
      "gc.auto": "0",
    },
  );
}

/** By `GIT_CONFIG_COUNT`, behind what is there. */
export function addSettings(env: Env, settings: Readonly<Record<string, string>>): Env {
  const first = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  const added = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  const count = String(first + Object.keys(settings).length);
  return { ...env, ...(Object.fromEntries(added) as Record<string, string>), GIT_CONFIG_COUNT: count };
}
