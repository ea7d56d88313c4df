/**
 * The two volumes that hold what must outlive an agent's container: gVisor keeps the rest of the file system to itself and loses it
 * when the container stops. They are mount points, so no agent can move them away or put a link in their place.
 */
import { parseOwner } from "../../core/process-owner.ts";
import type { IsAlive } from "../../core/process-owner.ts";
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { createVolume, listVolumes, removeVolume } from "../../engine/volumes.ts";
import { parseUser, renderUser } from "../platform/agent-user.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import type { WorkFolders } from "../platform/work-storage.ts";
import type { KeptWork } from "../work.ts";
import { bottleNameOf, labelKeys } from "./labels.ts";
import { undoObject } from "./undo-object.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";

const roles = ["work", "kept"] as const;

export interface WorkVolumesRequest {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  /** Id or reference of the image that can read them */
  readonly image: string;
  readonly runtime: string | undefined;
  /** Whose all in them is */
  readonly user: AgentUser;
}

/** Creates both; their removal is registered with `scope` first. Labels say what it takes to read them without the launcher. */
export async function createWorkVolumes(
  engine: Engine,
  request: WorkVolumesRequest,
  scope: Scope,
): Promise<void> {
  await settleAll(
    roles.map((role) => {
      const name = nameOf(request.names, role);
      scope.add(undoObject("volume", name), () => removeVolume(engine, name));
      const labels = {
        ...request.labels(role),
        [labelKeys.image]: request.image,
        [labelKeys.runtimeName]: request.runtime ?? "",
        [labelKeys.stem]: request.names.stem,
        [labelKeys.user]: renderUser(request.user),
      };
      return createVolume(engine, { name, labels });
    }),
  );
}

/** For the agent's container, which writes to both. */
export function mountWork(names: ObjectNames, folders: WorkFolders): NonNullable<HostConfig["Mounts"]> {
  return listMounts({ work: names.workVolume, kept: names.keptVolume }, folders, { isReadOnly: false });
}

/** What there is of a session's work. */
export interface FoundWork {
  readonly volumes: Readonly<Partial<Record<(typeof roles)[number], string>>>;
  readonly image: string;
  readonly runtime: string | undefined;
  readonly stem: string;
  readonly user: AgentUser;
  readonly labels: Labels;
}

/** Undefined if nothing of it is there any more. */
export async function findWork(engine: Engine, session: string): Promise<FoundWork | undefined> {
  return (await findAll(engine, `${labelKeys.session}=${session}`)).get(session);
}

/** Of all sessions; `isOwned` while a launcher of this machine still looks after it. */
export async function listKeptWork(engine: Engine, isAlive: IsAlive): Promise<KeptWork[]> {
  const all = await findAll(engine, labelKeys.session);
  return Promise.all(
    [...all].map(async ([session, { labels, stem }]) => {
      const owner = parseOwner(labels[labelKeys.owner]);
      return {
        session,
        bottleName: bottleNameOf(stem),
        agent: labels[labelKeys.agent] ?? "",
        isOwned: owner !== undefined && (await isAlive(owner)),
      };
    }),
  );
}

/**
 * For reading: whoever collects must not be able to change what it collects, unless it is to make files readable. A volume that is gone
 * is made again by the engine, and then carries `labels`, so that it is found and removed as what it is.
 */
export function mountFoundWork(
  work: FoundWork,
  folders: WorkFolders,
  { labels, mayWrite }: { readonly labels: Labels; readonly mayWrite: boolean },
): HostConfig {
  return { Mounts: listMounts(work.volumes, folders, { isReadOnly: !mayWrite, labels }) };
}

/** True for labels of a volume that holds work, which no clean-up may take away in passing. */
export function holdsWork(labels: Labels): boolean {
  return roles.some((role) => role === labels[labelKeys.role]);
}

async function findAll(engine: Engine, label: string): Promise<Map<string, FoundWork>> {
  const found = new Map<string, FoundWork>();
  for (const { name, labels } of await listVolumes(engine, [label])) {
    const role = roles.find((one) => one === labels[labelKeys.role]);
    const session = labels[labelKeys.session];
    if (role === undefined || session === undefined) continue;
    found.set(session, {
      volumes: { ...found.get(session)?.volumes, [role]: name },
      image: labels[labelKeys.image] ?? "",
      runtime: labels[labelKeys.runtimeName] || undefined,
      stem: labels[labelKeys.stem] ?? name,
      user: parseUser(labels[labelKeys.user]),
      labels,
    });
  }
  return found;
}

function listMounts(
  volumes: FoundWork["volumes"],
  folders: WorkFolders,
  { isReadOnly, labels }: { readonly isReadOnly: boolean; readonly labels?: Labels },
) {
  const options = labels && { VolumeOptions: { Labels: labels } };
  return roles.flatMap((role) =>
    volumes[role] === undefined
      ? []
      : [
          {
            Type: "volume",
            Source: volumes[role],
            Target: folders[role],
            ReadOnly: isReadOnly,
            ...options,
          },
        ],
  );
}

function nameOf(names: ObjectNames, role: (typeof roles)[number]): string {
  return role === "work" ? names.workVolume : names.keptVolume;
}
