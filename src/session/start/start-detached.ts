/** A start that is approved here and executed by a process in the background, which has no terminal and outlives this one. */
import { commandLine } from "../../core/shell-quote.ts";
import { exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { renderJson } from "../../core/text.ts";
import { startInBackground } from "../../host/background.ts";
import { pickEngineEnvironment } from "../../host/reaper.ts";
import { watchSignals } from "../../host/signals.ts";
import { findTerminalPath } from "../../host/terminal-path.ts";
import { pickTerminalEnvironment } from "../../host/terminal.ts";
import type { World } from "../../host/world.ts";
import type { App } from "../app.ts";
import { readPassphrases, takeAnswers } from "../decide/grants.ts";
import { startAgentSession } from "./start-session.ts";
import type { Decision } from "../decide/look-at-agent.ts";
import { digestPlan, renderAnswers, renderPassphrases } from "./hand-over.ts";
import type { HandOver, StartOptions } from "../../protocol/hand-over.ts";

export interface DetachedFlags {
  readonly notifies: boolean;
  readonly isJson: boolean;
}

/** Decides, shows and asks as any start; resolves when claude runs. The bottle's name is all that goes to stdout. */
export function startDetached(app: App, request: StartOptions, flags: DetachedFlags): Promise<ExitCode> {
  return startAgentSession(app, {
    ...request,
    hasTerminal: true,
    execute: (ready, decision) => handOver(ready, request, decision, flags),
  });
}

async function handOver(
  app: App,
  request: StartOptions,
  { prepared }: Decision,
  flags: DetachedFlags,
): Promise<ExitCode> {
  const { world } = app;
  const { plan } = prepared;
  const message: HandOver = {
    request: { ...request, isDryRun: false, isJson: false },
    session: plan.session,
    env: world.env,
    answers: renderAnswers(await takeAnswers(plan, world.env)),
    passphrases: renderPassphrases(await readPassphrases(plan.ssh)),
    digest: digestPlan(plan),
    terminal: {
      environment: pickTerminalEnvironment(world.env, true),
      columns: world.stdout.columns || 80,
      rows: world.stdout.rows || 24,
      bell: flags.notifies ? findTerminalPath(world) : undefined,
    },
    notifies: flags.notifies,
  };
  const signals = watchSignals(world.stdout);
  try {
    const { line, exitCode } = await startInBackground(world, {
      command: [...app.selfCommand, "supervise"],
      env: { ...pickEngineEnvironment(world.env), ...pickSettings(world.env) },
      cwd: world.cwd,
      message: JSON.stringify(message),
      signal: signals.signal,
    });
    if (line === undefined) {
      signals.signal.throwIfAborted();
      return exitCode ?? exitCodes.failure;
    }
    tell(app, plan.bottleName, plan.session, flags.isJson);
    return exitCodes.ok;
  } finally {
    signals.stop();
  }
}

function tell({ world }: App, name: string, session: string, isJson: boolean): void {
  world.stdout.write(isJson ? `${renderJson({ name, session })}\n` : `${name}\n`);
  const [attach, stop] = [commandLine`claude-bottle attach ${name}`, commandLine`claude-bottle stop ${name}`];
  world.stderr.write(`It runs in the background: "${attach}" (Ctrl-] d detaches), "${stop}".\n`);
}

/** What the program itself reads from its environment, but for credentials. */
function pickSettings(env: World["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value && name.startsWith("CLAUDE_BOTTLE_") && !name.endsWith("_TOKEN") ? [[name, value]] : [],
    ),
  );
}
