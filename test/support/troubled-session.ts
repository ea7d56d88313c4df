/** A whole session through a proxy that spoils calls to the engine, and what there is of it afterwards. */
import type { Receipt } from "../../src/protocol/receipt.ts";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun } from "./engine-gate.ts";
import { startEngineProxy } from "./engine-proxy.ts";
import type { EngineCall, Fault } from "./engine-proxy.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";
import { ensureScriptedClaude } from "./scripted-claude.ts";
import { listLeft, makeSessionWorld, readReceipts, runCommand, runSession } from "./scripted-session.ts";
import type { CommandResult } from "./scripted-session.ts";

export interface TroubledOptions {
  /** The agent's image */
  readonly image: string;
  readonly runtime?: RuntimeChoice;
  readonly script?: string;
  /** On top of the session's own */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TroubledSession extends CommandResult {
  readonly receipt: Receipt | undefined;
  /** Looked for behind the proxy, when the command had ended */
  readonly left: readonly string[];
  readonly journal: readonly string[];
  readonly calls: readonly EngineCall[];
  /** A command of the same user, for whom the engine is well again */
  next(words: readonly string[]): Promise<CommandResult>;
  look(): Promise<string[]>;
  remove(): Promise<void>;
}

/** The agent's image; undefined where there is no engine, or none with a socket that a proxy can stand in front of. */
export async function imageBehindProxy(found: Engine | string): Promise<string | undefined> {
  return typeof found === "string" || found.endpoint.kind !== "unix"
    ? undefined
    : ensureScriptedClaude(found);
}

/** Runs it to its end. `decide` says what becomes of each call until then. */
export async function runTroubled(
  engine: Engine,
  options: TroubledOptions,
  decide: (call: EngineCall) => Fault | Promise<Fault>,
): Promise<TroubledSession> {
  const own = beginTestRun(engine);
  const world = await makeSessionWorld(own, options.image, options.runtime ?? "runc");
  const socket = engine.endpoint.kind === "unix" ? engine.endpoint.socketPath : "";
  let isOver = false;
  const proxy = await startEngineProxy(socket, (call) => (isOver ? { kind: "none" } : decide(call)));
  const troubled = { ...world, env: { ...world.env, ...options.env, DOCKER_HOST: proxy.host } };
  const result = await runSession(troubled, options.script ?? "echo work > work.txt; echo ran");
  isOver = true;
  const [receipt] = await readReceipts(world);
  const journal = await readdir(join(world.home, ".local/state/claude-bottle/journal")).catch(() => []);
  return {
    ...result,
    receipt,
    left: await listLeft(engine, own),
    journal,
    calls: proxy.calls,
    next: (words) => runCommand(troubled, words),
    look: () => listLeft(engine, own),
    async remove() {
      await proxy[Symbol.asyncDispose]();
      await own.end();
      await world.remove();
    },
  };
}
