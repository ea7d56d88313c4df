/** From an agent's name to a plan and what executing it needs: looks at manifest, host and engine, and creates nothing. */
import type { BottleFiles, Observation } from "../bottle/bottle.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import type { Secret } from "../core/secret.ts";
import { readSkill } from "../host/skills.ts";
import { readSshKey, renderFingerprint } from "../host/ssh-keys.ts";
import type { SshKey } from "../host/ssh-keys.ts";
import { readWorkspace } from "../host/workspace.ts";
import { expandPath } from "../host/world.ts";
import type { World } from "../host/world.ts";
import type { AgentEntry, BottleEntry, SshEntry } from "../manifest/manifest.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { BottlePlan, SshPlan, TokenPlan } from "../plan/plan.ts";
import { findDockerfile } from "./dockerfile.ts";
import type { Settings } from "./settings.ts";

export interface PlanRequest {
  readonly agent: AgentEntry;
  readonly bottle: BottleEntry;
  readonly files: readonly ManifestFile[];
  readonly hasWorkspace: boolean;
  readonly claudeArguments: readonly string[];
  readonly hasTerminal: boolean;
  readonly token: TokenPlan | undefined;
}

export interface PreparedPlan {
  readonly plan: BottlePlan;
  readonly files: BottleFiles;
  /** In the order of `plan.ssh` */
  readonly sshKeys: readonly Secret[];
}

export interface PlanContext {
  readonly world: World;
  readonly settings: Settings;
  readonly session: string;
  /** What the platform says about image and runtime; takes the Dockerfile's absolute path */
  readonly observe: (dockerfile: string | undefined) => Promise<Pick<Observation, "image" | "runtime">>;
}

/** Looks at everything side by side and decides. Throws for whatever would make the start fail. */
export async function preparePlan(context: PlanContext, request: PlanRequest): Promise<PreparedPlan> {
  const { world, settings } = context;
  const { agent, bottle } = request;
  const skillsFolder = `${world.home}/.claude/skills`;
  const [observed, skills, keys, workspace] = await Promise.all([
    context.observe(findDockerfile(bottle, request.files, world)),
    Promise.all(agent.skills.map((name) => readSkill(name, skillsFolder))),
    Promise.all(
      bottle.ssh.map((entry) => readSshKey(expandPath(entry.identityFile, world.home, "/"), entry.host)),
    ),
    request.hasWorkspace ? readWorkspace(world) : undefined,
  ]);
  const plan = makePlan({
    session: context.session,
    agent,
    bottle,
    image: observed.image,
    runtime: observed.runtime,
    skills: skills.map(({ name, directory, files, bytes }) => ({
      name,
      directory,
      bytes,
      files: files.filter((file) => file.kind === "file").length,
    })),
    ssh: bottle.ssh.flatMap((entry, index) => makeSsh(entry, keys[index])),
    workspace: workspace && {
      directory: workspace.directory,
      files: workspace.count,
      bytes: workspace.bytes,
      hasRepository: workspace.hasRepository,
    },
    filter: settings.filter,
    pipelockImage: settings.pipelockImage,
    claudeArguments: request.claudeArguments,
    hasTerminal: request.hasTerminal,
    token: request.token,
    hasVariable: (name) => world.env[name] !== undefined,
  });
  return {
    plan,
    files: {
      skills: skills.map(({ name, files }) => ({ name, files })),
      workspace: workspace?.entries(),
      sshPublicKeys: keys.map((key) => key.publicKey),
    },
    sshKeys: keys.map((key) => key.privateKey),
  };
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
      hostKeyFingerprint: renderFingerprint(hostKey),
    },
  ];
}
