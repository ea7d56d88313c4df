/** A session: the user's terminal joined to claude, from the moment the environment is handed over until claude has ended. */
import { exitCodes, messageOf } from "../../core/error.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import { escapeForTerminal, renderBytes } from "../../core/text.ts";
import { inTime } from "../../core/time/within.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { renderEnvironment } from "../agent/handshake.ts";
import type { EnvironmentValue } from "../agent/handshake.ts";
import type { StartedAgent } from "../agent/started-agent.ts";
import type { SessionResult } from "../bottle.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import type { Part } from "../platform/part.ts";
import { carryInput, makeSinks } from "../terminal/carry-bytes.ts";
import { followSize } from "../terminal/follow-size.ts";
import type { Resize } from "../terminal/follow-size.ts";
import type { SidecarGuard } from "./sidecar-guard.ts";
import { describeAsked } from "./tell-asks.ts";
import { watchTraps } from "./trap-watch.ts";
import type { TrapWatch } from "./trap-watch.ts";

export interface SessionParts {
  readonly plan: BottlePlan;
  readonly agent: StartedAgent;
  readonly sidecar: Pick<Sidecar, "refused" | "secrets" | "isTokenRefused" | "settled" | "listen">;
  readonly guard: Pick<SidecarGuard, "incidents" | "verdict" | "onIncident" | "isAgentOutOfMemory">;
  readonly environment: readonly EnvironmentValue[];
  /** Called as soon as nothing more can come from claude, while the engine is still busy with its end */
  readonly onOutputEnd: () => void;
}

/** Exit code of a process killed by SIGKILL, which is also how a memory limit ends it */
const killedCode = 137;

/** Hands the environment over, so that claude begins, and carries bytes both ways until it has ended. */
export async function runSession(parts: SessionParts, terminal: SessionTerminal): Promise<SessionResult> {
  const { agent, plan } = parts;
  const stopResizing = plan.hasTerminal ? await keepSize(agent.part, terminal) : () => undefined;
  // On a terminal claude draws the whole screen, and a line of ours would tear it: there the end of the session tells
  if (!plan.hasTerminal)
    parts.guard.onIncident((line) => terminal.errorOutput.write(`${escapeForTerminal(line)}\n`));
  parts.sidecar.listen((event) => {
    if (event.event === "ask" && event.state === "open")
      tell(terminal, plan, describeAsked(plan.bottleName, event));
  });
  const traps = watchTraps({
    bottle: plan.bottleName,
    agent: agent.part,
    sidecar: parts.sidecar,
    tell: (line) => tell(terminal, plan, line),
  });
  let stopInput = () => {};
  try {
    if (plan.hasTerminal) terminal.enterRaw();
    await agent.waiting.stream.write(renderEnvironment(parts.environment));
    stopInput = carryInput(agent.waiting.stream, { input: terminal.input, isTerminal: plan.hasTerminal });
    await agent.waiting.forward(makeSinks(terminal));
  } finally {
    stopInput();
    stopResizing();
    agent.waiting.stream.destroy();
    parts.onOutputEnd();
  }
  const end = await readEnd(parts);
  if (!end.isEngineLost) await parts.sidecar.settled();
  const verdict = parts.guard.verdict();
  return {
    ...end,
    note:
      end.note ??
      describeFrozen(traps) ??
      (parts.sidecar.isTokenRefused() ? describeRefusedToken(plan) : undefined),
    ...(verdict === undefined || end.isEngineLost ? {} : { exitCode: 1, note: verdict }),
    refused: parts.sidecar.refused(),
    secrets: parts.sidecar.secrets(),
    incidents: [...(plan.hasTerminal ? parts.guard.incidents() : []), ...traps.lines()],
  };
}

function describeFrozen(traps: TrapWatch): string | undefined {
  return traps.isFrozen() ? "The bottle was frozen when the session ended" : undefined;
}

/** At a terminal beside what claude draws; without one as a line of its own. */
function tell(terminal: SessionTerminal, { hasTerminal }: BottlePlan, line: string): void {
  if (hasTerminal) terminal.tell?.(line);
  else terminal.errorOutput.write(`${escapeForTerminal(line)}\n`);
}

/** Claude shows the API's own words, which know nothing of where the credential really is. */
function describeRefusedToken({ token }: BottlePlan): string {
  const name = token?.variable ?? "CLAUDE_BOTTLE_OAUTH_TOKEN";
  const mend =
    token?.kind === "api-key"
      ? `set ${name} to a valid key`
      : `renew it with "claude setup-token" and set ${name} to what it prints`;
  return `The API refused the credential in ${name} (401); ${mend}`;
}

/** Sets the size before claude draws, and again whenever the window changes. */
async function keepSize(agent: Part, terminal: SessionTerminal): Promise<() => void> {
  const resize: Resize = (columns, rows) => agent.resize(columns, rows);
  const { columns, rows } = terminal.size();
  await resize(columns, rows).catch(() => undefined);
  return followSize(terminal, resize);
}

/** The end of the stream is not the end of claude: an engine that died closes it too. The container's own end decides. */
async function readEnd(
  parts: SessionParts,
): Promise<Pick<SessionResult, "exitCode" | "note" | "isEngineLost">> {
  const { agent } = parts;
  const isEngineLost = false;
  try {
    if (!(await endsSoon(agent.exit))) {
      return { exitCode: 1, note: await describeCut(agent.part), isEngineLost };
    }
    const exitCode = await agent.exit;
    return { exitCode, isEngineLost, note: await describeMemory(parts, exitCode) };
  } catch (error) {
    const note = `The engine was lost during the session: ${messageOf(error)}`;
    return { exitCode: exitCodes.engine, note, isEngineLost: true };
  }
}

/** The limit ends claude, or a program that claude started, and claude goes on. */
async function describeMemory(
  { agent, guard, plan }: SessionParts,
  exitCode: number,
): Promise<string | undefined> {
  const isKilled = exitCode === killedCode;
  // A container that was removed by hand cannot be asked, and its exit code is known all the same
  const state = isKilled ? await agent.part.state().catch(() => undefined) : undefined;
  if (!state?.isOutOfMemory && !guard.isAgentOutOfMemory()) return undefined;
  const who = isKilled ? "Claude" : "A program in the bottle";
  return `${who} was ended by the memory limit of ${renderBytes(plan.limits.memoryBytes)}; raise limits.memory in the manifest`;
}

async function describeCut(agent: Part): Promise<string> {
  const { isRunning } = await agent.state();
  return isRunning
    ? "The connection to claude was cut while it was running"
    : "Claude ended, and the engine did not say how";
}

/** Output ends a moment before the engine has noted the exit, and later where it has many to note: generous, since only a cut waits for it. */
async function endsSoon(exit: Promise<number>): Promise<boolean> {
  const graceMs = 30_000;
  return (await inTime(graceMs, exit)) !== undefined;
}
