/** From an agent's name to a plan and what executing it needs: looks at manifest, host and engine, and creates nothing. */
import { join } from "node:path";
import type { BottleFiles, ImageRequest, Observation } from "../../bottle/bottle.ts";
import { bottleProject } from "../../core/bottle-home.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import type { RepositoryBase } from "../../core/repository-base.ts";
import type { Secret } from "../../core/secret.ts";
import { findClaudeFolder } from "../../host/claude-folder.ts";
import { readSkill } from "../../host/skills.ts";
import type { Skill } from "../../host/skills.ts";
import { readSshKey, renderFingerprint } from "../../host/ssh-keys.ts";
import type { SshKey } from "../../host/ssh-keys.ts";
import { readResumedWorkspace, transcriptEntries } from "../../host/workspace/resumed-workspace.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import { requireWorkspacePlace } from "../../host/workspace/workspace-place.ts";
import { readSetupInputs } from "../../host/workspace/setup-inputs.ts";
import { readWorkspace } from "../../host/workspace/workspace.ts";
import type { Workspace } from "../../host/workspace/workspace.ts";
import { expandPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { AgentEntry, BottleEntry, SshEntry } from "../../manifest/manifest.ts";
import { joinPatterns } from "../../manifest/workspace-schema.ts";
import { makeSetupKey } from "../../plan/describe-setup.ts";
import { makePlan } from "../../plan/make-plan.ts";
import type { PlanInput } from "../../plan/make-plan.ts";
import type { BottlePlan, ImagePlan, SshPlan, TokenOrigin, TokenPlan } from "../../plan/plan.ts";
import { completeBottle } from "./complete-bottle.ts";
import { planFiles, readBottleFiles } from "./named-files.ts";
import { ownClaudeFiles, planOwnClaude, readAgentClaude, readAgentMemory } from "./own-claude.ts";
import type { Settings } from "../settings.ts";
import { findUpstreamProxy } from "./upstream-proxy.ts";

export interface PlanRequest {
  readonly agent: AgentEntry;
  readonly bottle: BottleEntry;
  readonly files: readonly ManifestFile[];
  readonly hasWorkspace: boolean;
  /** Also if that is the home folder or has it inside */
  readonly allowsHome?: boolean | undefined;
  /** Session whose work and transcript go in */
  readonly resumes?: string | undefined;
  readonly claudeArguments: readonly string[];
  readonly hasTerminal: boolean;
  /** A closed terminal ends nothing */
  readonly keepsRunning?: boolean | undefined;
  readonly token: TokenPlan | undefined;
  /** Where it comes from, if `token` is not set */
  readonly tokenOrigin?: TokenOrigin | undefined;
  /** Stands before the session's id in the bottle's name, instead of the agent's */
  readonly name?: string | undefined;
}

/** Of a plan that is looked at or tried, with nobody's work and at no terminal */
export const withoutSession = {
  hasWorkspace: false,
  claudeArguments: [],
  hasTerminal: false,
} as const satisfies Partial<PlanRequest>;

export interface PreparedPlan {
  readonly plan: BottlePlan;
  /** As it is shown */
  readonly engine: string;
  readonly files: BottleFiles;
  /** In the order of `plan.ssh` */
  readonly sshKeys: readonly Secret[];
  /** Those of the workspace, as they go in */
  readonly repositories: readonly RepositoryBase[];
  /** What goes in of Claude's own memory of the project; unset where it is not carried */
  readonly memory?: readonly { readonly path: string; readonly digest: string }[] | undefined;
}

export interface PlanContext {
  readonly world: World;
  readonly settings: Settings;
  readonly session: string;
  /** What the platform says about image and runtime */
  readonly observe: (request: ImageRequest) => Promise<Observation>;
  /** Whether the host environment has it; a look at the plan alone needs no value */
  readonly hasVariable?: (name: string) => boolean;
  /** Since when what a setup of this key made is kept, ISO 8601; left out where no setup is looked for */
  readonly findTree?: (key: string, image: ImagePlan) => Promise<string | undefined>;
  /** What private hosts lead to; left out where no name shall be looked up */
  readonly findAddresses?: (hosts: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
}

/** What a plan is made of, as it is on this machine and on the platform. */
async function lookAround(context: PlanContext, request: PlanRequest, image: ImageRequest) {
  const { world } = context;
  const { agent, bottle } = request;
  const [observed, skills, own, memory, named, keys, workspace, addresses, proxy] = await Promise.all([
    context.observe(image),
    Promise.all(agent.skills.map((name) => readSkill(name, `${findClaudeFolder(world)}/skills`))),
    readAgentClaude(world, agent.ownClaude),
    readAgentMemory(world, agent.ownClaude, request.hasWorkspace),
    readBottleFiles(world, bottle.files),
    readKeys(world, bottle),
    request.hasWorkspace ? chooseWorkspace(world, request) : undefined,
    context.findAddresses?.(bottle.egress.private.map((grant) => grant.host)),
    findUpstreamProxy(world.env),
  ]);
  const setup = await findSetup(context, request, observed.image);
  return { observed, skills, own, memory, named, keys, workspace, addresses, proxy, setup };
}

/** Looks at everything side by side and decides. Throws for whatever would make the start fail. */
export async function preparePlan(context: PlanContext, wanted: PlanRequest): Promise<PreparedPlan> {
  const { world, settings } = context;
  const { bottle, image, compose } = await completeBottle(world, wanted);
  const request = { ...wanted, bottle };
  const { agent } = request;
  if (request.hasWorkspace) await requireWorkspacePlace(world, request.allowsHome ?? false);
  const seen = await lookAround(context, request, image);
  const { observed, skills, own, memory, named, keys, workspace, addresses } = seen;
  const plan = makePlan({
    session: context.session,
    name: request.name,
    agent,
    bottle,
    image: observed.image,
    runtime: observed.runtime,
    skills: skills.map(describeSkill),
    compose,
    services: { images: observed.services ?? new Map(), dataKey: makeDataKey(request, world) },
    ssh: bottle.ssh.flatMap((entry, index) => makeSsh(entry, keys[index])),
    ownClaude: planOwnClaude(world, own, { remembers: agent.ownClaude?.remember === true, memory }),
    files: planFiles(named, bottle.files),
    workspace: workspace && describeWorkspace(workspace),
    setup: seen.setup,
    filter: settings.filter,
    pipelockImage: settings.pipelockImage,
    proxy: seen.proxy,
    claudeArguments: request.claudeArguments,
    hasTerminal: request.hasTerminal,
    keepsRunning: request.keepsRunning,
    token: request.token,
    tokenOrigin: request.tokenOrigin,
    ...(addresses && { addresses }),
    hasVariable: context.hasVariable ?? ((name) => world.env[name] !== undefined),
  });
  return {
    plan,
    engine: observed.engine,
    files: {
      ...workspaceFiles(workspace),
      skills: skills.map(({ name, files }) => ({ name, files })),
      ...ownClaudeFiles(own, memory),
      dotfiles: named.flatMap((one) => one.entries),
      transcript: findTranscript(world, request.resumes, memory !== undefined),
      sshPublicKeys: keys.map((key) => key.publicKey),
    },
    sshKeys: keys.map((key) => key.privateKey),
    repositories: workspace?.repositories ?? [],
    ...(memory && { memory: memory.files.map(({ path, digest }) => ({ path, digest })) }),
  };
}

/** Data is kept apart for each manifest, and for each folder that is worked on where the manifest is everybody's. */
function makeDataKey({ bottle, files }: PlanRequest, { cwd }: World): string {
  const { scope, file: shown } = bottle.source;
  const manifest = files.find((file) => file.shownPath === shown)?.path ?? shown;
  return JSON.stringify([manifest, bottle.name, ...(scope === "home" ? [cwd] : [])]);
}

/** Looked for where there is a workspace for it. */
async function findSetup(
  { world, findTree }: PlanContext,
  { bottle, hasWorkspace }: PlanRequest,
  image: ImagePlan,
): Promise<PlanInput["setup"]> {
  if (!bottle.setup || !hasWorkspace) return undefined;
  const { directory, inputs } = await readSetupInputs(world.cwd, bottle.setup, world.env);
  const key = makeSetupKey(bottle.setup, { directory, inputs, env: bottle.env });
  return { inputs, key, keptSince: await findTree?.(key, image) };
}

function readKeys(world: World, { ssh }: BottleEntry): Promise<SshKey[]> {
  return Promise.all(
    ssh.map((entry) => readSshKey(expandPath(entry.identityFile, world.home, "/"), entry.host)),
  );
}

function describeSkill({
  name,
  directory,
  files,
  bytes,
  digest,
  credentials,
}: Skill): PlanInput["skills"][number] {
  const count = files.filter((file) => file.kind === "file").length;
  return { name, directory, bytes, digest, credentials, files: count };
}

function describeWorkspace(workspace: Workspace): PlanInput["workspace"] {
  const { directory, count, bytes, hasRepository, credentialFiles = [], notes = [] } = workspace;
  return { directory, files: count, bytes, hasRepository, credentials: credentialFiles, notes };
}

function workspaceFiles(workspace: Workspace | undefined) {
  return {
    workspace: workspace?.entries(),
    wentIn: workspace?.wentIn(),
    userLists: workspace?.userLists,
  };
}

/** Where the user's memory of the project goes in, the earlier session's own stays out: what of it counts, the user has taken. */
function findTranscript(
  world: World,
  resumes: string | undefined,
  hasMemory: boolean,
): BottleFiles["transcript"] {
  if (resumes === undefined) return undefined;
  const leavesOut = hasMemory ? `${bottleProject}/memory` : undefined;
  return transcriptEntries(join(recordFolder(stateFolder(world), resumes), "transcript"), leavesOut);
}

/** Where nothing was brought back, the folder as it is now. */
async function chooseWorkspace(world: World, { resumes, agent, bottle }: PlanRequest): Promise<Workspace> {
  const resumed = resumes === undefined ? undefined : await readResumedWorkspace(world.cwd, resumes, world);
  return resumed ?? readWorkspace(world, joinPatterns([bottle.workspace, agent.workspace]));
}

function makeSsh(entry: SshEntry, key: SshKey | undefined): SshPlan[] {
  if (!key) return [];
  const { host, hostname, user, port, hostKey, source } = entry;
  return [
    {
      host,
      hostname,
      user,
      port,
      hostKey,
      source,
      identityFile: key.path,
      fingerprint: key.fingerprint,
      ...(key.hasPassphrase ? { hasPassphrase: true } : {}),
      hostKeyFingerprint: renderFingerprint(hostKey),
    },
  ];
}
