/** Takes a changed file into force: on its folder's news, after a pause, and on SIGHUP. */
import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { describeFileError } from "./failure.ts";
import { loadConfig } from "./config.ts";
import { makePolicy } from "./policy.ts";
import type { Program } from "./program.ts";
import { admitReload } from "./reload-rules.ts";

const pauseMs = 100;
/** The same bytes again within this time are one reload: writing and signalling come together */
const sameMs = 2_000;

/** Begins to watch. If the folder cannot be listed there is no reload at all, and SIGHUP ends the program. */
export function watchConfig(program: Program, path: string): void {
  const about = { method: "CONFIG_RELOAD", resource: path };
  let last = { hash: "", at: 0 };
  const reload = () => {
    let hash: string | undefined;
    try {
      hash = reloadConfig(program, path, (hash) => hash === last.hash && Date.now() - last.at < sameMs);
    } catch (error) {
      program.log.error(about, error);
    }
    if (hash !== undefined) last = { hash, at: Date.now() };
  };
  try {
    let timer: NodeJS.Timeout | undefined;
    const watcher = watch(dirname(path), (_event, name) => {
      if (name !== basename(path)) return;
      clearTimeout(timer);
      timer = setTimeout(reload, pauseMs);
    });
    watcher.on("error", (error) => program.log.error(about, error));
    process.on("SIGHUP", reload);
  } catch (error) {
    program.log.error(about, `watching directory ${describeFileError("open", dirname(path), error)}`);
  }
}

/** The hash of what is in force now; undefined if nothing changed. A file that does not load leaves everything as it is. */
function reloadConfig(
  program: Program,
  path: string,
  isKnown: (hash: string) => boolean,
): string | undefined {
  let loaded;
  try {
    loaded = loadConfig(path);
  } catch (error) {
    warn(`pipelock: config reload failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  if (isKnown(loaded.hash)) return undefined;
  // What --listen or the file said at start stays bound
  const old = program.policy.config;
  const config = { ...admitReload(old, loaded, warn), listen: old.listen };
  program.policy = makePolicy(config, program.policy.rateLimit);
  program.log.options = { includeAllowed: config.includeAllowed, includeBlocked: config.includeBlocked };
  const fields = { status: "success", detail: `mode=${config.mode}`, config_hash: config.hash };
  program.log.event("info", "config_reload", fields, "configuration reloaded");
  return config.hash;
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}
