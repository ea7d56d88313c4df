/** The devcontainer.json of a bottle, read, with what it adds to the bottle: variables, and commands of the setup. */
import { dirname, resolve } from "node:path";
import { BottleError } from "../../core/error.ts";
import { countOf, quote } from "../../core/text.ts";
import { findText } from "../../host/files.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { Devcontainer } from "../../manifest/devcontainer/devcontainer.ts";
import { parseDevcontainer } from "../../manifest/devcontainer/parse-devcontainer.ts";
import type { BottleEntry, EnvEntry, SourceRef } from "../../manifest/manifest.ts";
import type { DevcontainerPlan } from "../../plan/devcontainer-plan.ts";
import { digest } from "../../plan/digest.ts";
import { takeFeatures } from "./devcontainer-features.ts";

/** Where `true` looks, relative to the manifest's folder: the usual places, in the usual order */
const usualPlaces = [".devcontainer/devcontainer.json", ".devcontainer.json"];

export interface TakenDevcontainer {
  readonly plan: DevcontainerPlan;
  /** With its variables and commands */
  readonly bottle: BottleEntry;
}

/** `paths`: absolute, the first one that is there counts. Throws if none is, and for all that a bottle cannot take. */
export async function takeDevcontainer(
  world: Pick<World, "home" | "cwd">,
  bottle: BottleEntry,
  paths: readonly string[],
): Promise<TakenDevcontainer> {
  const { path, text } = await findFirst(paths);
  const shown = shortenPath(path, world);
  const read = parseDevcontainer(text, shown);
  const { scope } = bottle.imageSource ?? bottle.source;
  const env = takeEnv(bottle, read, { scope, file: shown });
  const run = read.commands.flatMap((one) => one.run);
  const { setup } = bottle;
  const { features, notes } = await takeFeatures(world, read.features, dirname(path));
  return {
    plan: {
      path,
      digest: digest(text),
      ...(read.image === undefined ? {} : { image: read.image }),
      ...(read.build && { build: placeBuild(read.build, dirname(path)) }),
      ...(features.length === 0 ? {} : { features }),
      notes: [...read.notes, ...notes, ...noteLeftOut(bottle, read)],
    },
    bottle: {
      ...bottle,
      env: [...env, ...bottle.env],
      ...(setup && { setup: { ...setup, run: [...run, ...setup.run] } }),
    },
  };
}

/** Absolute paths that may have it, in the order in which they count. */
export function listPlaces(wanted: true | string, place: (path: string) => string): string[] {
  return (wanted === true ? usualPlaces : [wanted]).map(place);
}

async function findFirst(
  paths: readonly string[],
): Promise<{ readonly path: string; readonly text: string }> {
  for (const path of paths) {
    const text = await findText(path);
    if (text !== undefined) return { path, text };
  }
  throw new BottleError({
    code: "input",
    message: `Cannot find a devcontainer.json: there is no ${paths.map((path) => quote(path)).join(" and no ")}`,
    hint: 'Create it, or name another path under "image": { "devcontainer": … } in the manifest.',
  });
}

/** What the manifest has of the same name goes first. */
function takeEnv(
  bottle: BottleEntry,
  { env }: Devcontainer,
  { scope, file }: Pick<SourceRef, "scope" | "file">,
): EnvEntry[] {
  const own = new Set(bottle.env.map((entry) => entry.name));
  return env
    .filter(({ name }) => !own.has(name))
    .map(({ name, value, line, column }) => ({
      name,
      value: { kind: "literal", value },
      source: { scope, file, line, column },
    }));
}

function placeBuild(build: NonNullable<Devcontainer["build"]>, folder: string): DevcontainerPlan["build"] {
  const { dockerfile, context } = build;
  return { ...build, dockerfile: resolve(folder, dockerfile), context: resolve(folder, context) };
}

function noteLeftOut({ env, setup }: BottleEntry, read: Devcontainer): string[] {
  const own = new Set(env.map((entry) => entry.name));
  const notes = read.env
    .filter(({ name }) => own.has(name))
    .map(({ name }) => `${name} is not taken: the manifest has one of its own`);
  if (setup) return notes;
  return [
    ...notes,
    ...read.commands.map(
      ({ key, run }) =>
        `${key} does not run (${countOf(run.length, "command")}): write "setup" with "run", "inputs" and "keep" in the bottle, and it runs first there`,
    ),
  ];
}
