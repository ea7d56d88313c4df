/** The agent's own container: created, filled, attached and started, until its entry program waits for the environment. */
import { BottleError } from "../../core/error.ts";
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import { renderBar } from "../../core/text.ts";
import { within } from "../../core/time/within.ts";
import { readContainerFile } from "../../engine/container-file.ts";
import { killAndRemoveContainer } from "../../engine/containers.ts";
import { isNotFound } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { putArchive } from "../../engine/put-archive.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { gateHostName } from "../../protocol/gate.ts";
import { makePublicEnvironment } from "../agent/agent-environment.ts";
import { makeAgentArchive } from "../agent/agent-files.ts";
import { imageUser, renamePasswd, renderUser } from "../agent/agent-user.ts";
import type { AgentUser } from "../agent/agent-user.ts";
import { entryPath, workspaceFolder } from "../agent/bottle-paths.ts";
import { makeClaudeCommand } from "../agent/claude-command.ts";
import { renderClosedCheck } from "../agent/closed-check.ts";
import { awaitMarker } from "../agent/handshake.ts";
import { keepLifeline } from "../agent/lifeline.ts";
import type { StartedAgent } from "../agent/started-agent.ts";
import type { BottleFiles, Progress } from "../bottle.ts";
import { createCheckedContainer } from "./checked-create.ts";
import { deadDns, makeHardening } from "./hardening.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { startOrEnd } from "./left-processes.ts";
import type { EndProcesses } from "./left-processes.ts";
import type { BottleNetworks } from "./networks.ts";
import { makePart } from "./part.ts";
import { mountWork } from "./work-volumes.ts";

/** The entry program says that it waits within a second; a machine that swaps gets its time */
const readyMs = 120_000;
/** What is copied in less than a second needs no bar */
const barFromBytes = 8 * 1024 * 1024;
const barPauseMs = 100;

export interface AgentRequest {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly image: string;
  readonly user: AgentUser;
  readonly runtime: string | undefined;
  readonly networks: BottleNetworks;
  readonly files: BottleFiles;
  readonly terminal: SessionTerminal;
  /** Instead of claude's */
  readonly command?: readonly string[] | undefined;
  readonly endProcesses: EndProcesses;
  readonly progress: Progress;
}

/** Brings the agent up to the point where it waits. Its removal is registered first. */
export async function startAgent(engine: Engine, request: AgentRequest, scope: Scope): Promise<StartedAgent> {
  const name = request.names.agent;
  scope.add({ kind: "container", name }, () => killAndRemoveContainer(engine, name));
  const id = await createCheckedContainer(engine, name, makeAgentConfig(request));
  const part = makePart(engine, name, { role: "agent", isRunning: false });
  const [stream, { exit }] = await settleAll([
    part.attach(request.plan),
    part.openWait(),
    fillAgent(engine, request),
    request.networks.internalId,
  ]);
  scope.throwIfClosing();
  await startOrEnd(engine, { name, id }, request.endProcesses);
  // While the entry program makes its checks. If it fails, that is the news
  const [waiting] = await settleAll([within(readyMs, awaitMarker(stream), notReady), keepLifeline(part)]);
  return { part, exit, waiting };
}

/** The image's; undefined for an image that has none. Nothing runs in the container yet. */
async function readPasswd(engine: Engine, id: string): Promise<string | undefined> {
  try {
    return await readContainerFile(engine, id, "/etc/passwd");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function fillAgent(engine: Engine, request: AgentRequest): Promise<void> {
  const { plan, files, user, networks, names } = request;
  const passwd =
    user.uid === imageUser.uid ? undefined : renamePasswd(await readPasswd(engine, names.agent), user);
  // A probe in claude's place tries all of it and more, and a wall that is missing is what it is there to report
  const closedCheck = request.command === undefined ? renderClosedCheck(networks) : undefined;
  const archive = { plan, files, user, passwd, closedCheck, onProgress: tellCopied(request) };
  await putArchive(engine, names.agent, "/", makeAgentArchive(archive));
}

/** A repository may be large and the engine far away. */
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

function makeAgentConfig(request: AgentRequest) {
  const { plan, names, networks } = request;
  return {
    Image: request.image,
    Entrypoint: ["/bin/sh", entryPath],
    Cmd: request.command ?? makeClaudeCommand(plan),
    User: renderUser(request.user),
    WorkingDir: workspaceFolder,
    Hostname: plan.bottleName.slice(0, 63),
    Env: [...makePublicEnvironment(plan, request.terminal.environment), "HOME=/home/node", "USER=node"],
    Labels: request.labels("agent"),
    Tty: plan.hasTerminal,
    OpenStdin: true,
    StdinOnce: !plan.hasTerminal,
    HostConfig: {
      ...makeHardening({ ...plan.limits, runtime: request.runtime }),
      ...deadDns,
      ...mountWork(names),
      NetworkMode: names.internal,
      ExtraHosts: [`${gateHostName}:${networks.internal.sidecar}`],
      // Its terminal is the user's screen: the engine stores nothing of it
      LogConfig: { Type: "none", Config: {} },
      // When memory ends on the host, the agent goes before its sidecar and everything else
      OomScoreAdj: 500,
    },
    NetworkingConfig: {
      EndpointsConfig: { [names.internal]: { IPAMConfig: { IPv4Address: networks.internal.agent } } },
    },
  };
}
