/** The composition root's parts: the outside as values, and a platform made of them. */
import type { Bottles } from "./bottle/bottles.ts";
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import type { Platform } from "./bottle/platform/platform.ts";
import type { PlatformName } from "./bottle/platforms.ts";
import type { App } from "./session/app.ts";
import { readSettings } from "./session/settings.ts";
import { readSettingsFile } from "./session/settings-file.ts";
import { BottleError } from "./core/error.ts";
import { quote } from "./core/text.ts";
import { version } from "./core/version.ts";
import { findText, readText } from "./host/files.ts";
import { isProcessAlive, readProcessIdentity } from "./host/process-identity.ts";
import { programPath } from "./host/program-path.ts";
import { frontVariable } from "./host/front.ts";
import { findTemporaryState } from "./host/state-home.ts";
import { findSelfCommand } from "./host/self-command.ts";
import { makeProbeCache, stateFolder } from "./host/state.ts";
import { openWayOut } from "./host/way-out.ts";
import { expandPath } from "./host/world.ts";
import type { World } from "./host/world.ts";

/** The world of this process. Whatever it starts is found by the `PATH` of its environment. */
export function readWorld(): World {
  const place = { cwd: process.cwd(), home: findHome() };
  const hasFront = process.env[frontVariable] === "1";
  // Of no meaning to what this process starts
  delete process.env[frontVariable];
  const wayOut = openWayOut(hasFront);
  const uid = process.getuid?.() ?? 0;
  const state = findTemporaryState({ env: process.env, home: place.home, uid });
  return {
    env: {
      ...process.env,
      PATH: programPath(process.env["PATH"], place),
      ...(state === undefined ? {} : { XDG_STATE_HOME: state }),
    },
    ...place,
    uid,
    ...(state === undefined ? {} : { temporaryState: state }),
    ...(wayOut && { wayOut }),
    platform: process.platform,
    pid: process.pid,
    stdin: process.stdin,
    openInput: () => Bun.stdin.stream(),
    stdout: process.stdout,
    stderr: process.stderr,
  };
}

/** Everything below it is kept and looked for by its whole path: another folder for each working directory would lose sessions. */
function findHome(): string {
  const home = process.env["HOME"] || findAccountHome();
  if (isAbsolute(home)) return home;
  throw new BottleError({
    code: "usage",
    message: `Cannot use HOME=${quote(home)}: it is no absolute path`,
    hint: "Set HOME to your home folder, or unset it.",
  });
}

/** A user id without an account has none; what would stand in it is then looked for where nothing of anybody's is. */
function findAccountHome(): string {
  try {
    return homedir() || "/";
  } catch {
    return "/";
  }
}

/** Reads the settings at once, and leaves everything else until a command asks for it. */
export async function makeApp(): Promise<App> {
  const outside = readWorld();
  const settings = readSettings(outside.env, await readSettingsFile(outside));
  const { filter, platform } = settings.choices;
  // What this process starts decides as it does, whatever the file says by then
  const decided = { CLAUDE_BOTTLE_FILTER: filter.value, CLAUDE_BOTTLE_PLATFORM: platform.value };
  const world = { ...outside, env: { ...outside.env, ...decided } };
  let bottles: Promise<Bottles> | undefined;
  const app: App = {
    world,
    version,
    settings,
    selfCommand: findSelfCommand(),
    openBottles: () => (bottles ??= openBottles(app)),
  };
  return app;
}

const platforms: Readonly<Record<PlatformName, (app: App) => Promise<Platform>>> = {
  docker: openDocker,
};

/** What is loaded only by commands that need a platform. */
async function openBottles(app: App): Promise<Bottles> {
  const { world, settings } = app;
  const [platform, { createBottles }, { readBuildContext }] = await Promise.all([
    platforms[settings.platform](app),
    import("./bottle/compose/create-bottles.ts"),
    import("./host/build-context.ts"),
  ]);
  return createBottles(platform, {
    image: settings.image,
    baseImage: settings.baseImage,
    claudeVersion: settings.claudeVersion,
    certificatesPath:
      settings.certificatesPath && expandPath(settings.certificatesPath, world.home, world.cwd),
    readFile: readText,
    readContext: (request) => readBuildContext(request, { home: world.home, state: stateFolder(world) }),
  });
}

async function openDocker({ world, settings }: App): Promise<Platform> {
  const [{ createDockerPlatform }, { connectEngine }, routes, processes, memory, owner] = await Promise.all([
    import("./bottle/docker/platform/docker-platform.ts"),
    import("./engine/connect.ts"),
    import("./host/routes.ts"),
    import("./host/container-processes.ts"),
    import("./host/container-memory.ts"),
    readProcessIdentity(world.pid),
  ]);
  const { env, home, uid, platform } = world;
  return createDockerPlatform({
    connect: () =>
      connectEngine({ env, home, uid, platform, readFile: (path) => findText(path).catch(() => undefined) }),
    labels: { owner, version, extra: settings.labels },
    probeCache: makeProbeCache(stateFolder(world)),
    isAlive: isProcessAlive,
    readHostRoutes: routes.readHostRoutes,
    endProcesses: processes.endContainerProcesses,
    readMemory: memory.readContainerMemory,
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  });
}
