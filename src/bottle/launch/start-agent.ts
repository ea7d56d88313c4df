/** The agent's own part: made, filled, attached and started, until its entry program waits for the environment. */
import { BottleError } from "../../core/error.ts";
import { isIpv4 } from "../../core/host-name.ts";
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { findTcpPorts } from "../../core/tcp-ports.ts";
import { renderBar } from "../../core/text.ts";
import { within } from "../../core/time/within.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { gateHostName, gatePorts } from "../../protocol/gate.ts";
import { makePublicEnvironment } from "../agent/agent-environment.ts";
import { makeAgentArchive } from "../agent/agent-files.ts";
import { renamePasswd } from "../agent/rename-passwd.ts";
import { imageUser } from "../platform/agent-user.ts";
import type { Part } from "../platform/part.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import type { Canary } from "../agent/make-canaries.ts";
import { entryPath, home, workspaceFolder } from "../agent/bottle-paths.ts";
import { makeClaudeCommand } from "../agent/claude-command.ts";
import { renderClosedCheck } from "../agent/closed-check.ts";
import { awaitMarker } from "../agent/handshake.ts";
import { keepLifeline } from "../agent/lifeline.ts";
import type { StartedAgent } from "../agent/started-agent.ts";
import type { LaunchOptions } from "../bottle.ts";
import { workFolders } from "../work/collector-spec.ts";
import type { Ground } from "../platform/ground.ts";

/** The entry program says that it waits within a second; a machine that swaps gets its time */
const readyMs = 120_000;
/** What is copied in less than a second needs no bar */
const barFromBytes = 8 * 1024 * 1024;
const barPauseMs = 100;

export interface AgentRequest extends Pick<LaunchOptions, "plan" | "files" | "terminal" | "progress"> {
  /** Instead of claude's */
  readonly command: readonly string[] | undefined;
  readonly user: AgentUser;
  readonly canaries: readonly Canary[];
}

/** Brings the agent up to the point where it waits. */
export async function startAgent(ground: Ground, request: AgentRequest, scope: Scope): Promise<StartedAgent> {
  const { plan, terminal, command } = request;
  await ground.makeAgent({
    program: ["/bin/sh", entryPath],
    words: command ?? makeClaudeCommand(plan),
    env: [...makePublicEnvironment(plan, terminal.environment), "HOME=/home/node", "USER=node"],
    workingDir: workspaceFolder,
    gateNames: [gateHostName, ...namedByGate(plan)],
    workFolders,
  });
  const part = ground.parts.agent;
  const [stream, { exit }] = await settleAll([
    part.attach(plan),
    part.openWait(),
    fillAgent(ground, request),
    ground.internalReady(),
  ]);
  scope.throwIfClosing();
  await part.start();
  // While the entry program makes its checks. If it fails, that is the news
  const [waiting] = await settleAll([within(readyMs, awaitMarker(stream), notReady), keepLifeline(part)]);
  return { part, exit, waiting };
}

async function fillAgent({ parts, addresses }: Ground, request: AgentRequest): Promise<void> {
  const { plan, files, command, user } = request;
  const passwd =
    user.uid === imageUser.uid ? undefined : renamePasswd(await parts.agent.readFile("/etc/passwd"), user);
  // A probe in claude's place tries all of it and more, and a wall that is missing is what it is there to report
  const closedCheck = command === undefined ? renderClosedCheck(addresses) : undefined;
  const canaries = await findFree(parts.agent, request.canaries);
  const archive = { plan, files, user, passwd, closedCheck, canaries, onProgress: tellCopied(request) };
  await parts.agent.putFiles("/", makeAgentArchive(archive));
}

/** What an image has at such a place stays. */
async function findFree(agent: Part, canaries: readonly Canary[]): Promise<Canary[]> {
  const found = await Promise.all(canaries.map(({ place }) => agent.readFile(`${home}/${place}`)));
  return canaries.filter((_, index) => found[index] === undefined);
}

/** Hosts that the gate stands for; an address needs no name. */
function namedByGate({ egress }: BottlePlan): string[] {
  const names = findTcpPorts(egress.destinations, gatePorts).map((one) => one.host);
  return [...new Set(names)].filter((name) => !isIpv4(name));
}

/** A repository may be large and the platform far away. */
function tellCopied({ plan, progress }: AgentRequest): (bytes: number) => void {
  const whole = plan.workspace?.bytes ?? 0;
  let copied = 0;
  let shownAt = 0;
  return (bytes) => {
    copied += bytes;
    if (whole < barFromBytes || performance.now() - shownAt < barPauseMs) return;
    shownAt = performance.now();
    progress.detail(`copying ${renderBar(copied, whole)}`);
  };
}

function notReady(seconds: number): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot start the agent: its container runs, but is not ready after ${seconds} s`,
    hint: 'Check the engine and its runtime with "claude-bottle doctor", and try again.',
  });
}
