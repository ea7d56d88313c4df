/**
 * Whom a bottle's programs run as. A kernel counts inotify instances and watches, memory of pipes, queued signals and messages by user
 * over the whole host: as one and the same user, one agent takes from all others and from whoever has that id on the host.
 */
import { createHash } from "node:crypto";
import { gvisor } from "./hardening.ts";

export interface AgentUser {
  readonly uid: number;
  readonly gid: number;
}

/** `node` in the image, who owns its home folder. The group is always this one, and the image's files are the group's too */
export const imageUser: AgentUser = { uid: 1000, gid: 1000 };

/**
 * Below: 16 bits, with the users of the system and of systemd. Above: what shadow-utils hands out to user namespaces from 100000 on
 * (login.defs, SUB_UID_MIN). In between nobody has any.
 */
const firstUid = 65_536;
const endUid = 100_000;

/** What decides whether the kernel's counts are the host's. */
export interface CountingKernel {
  /** gVisor has counts of its own */
  readonly runtime: string | undefined;
  /** As `docker info` has them: with namespaces for users each has counts of its own, and may have no such ids */
  readonly securityOptions: readonly string[];
}

/** One of its own for each session, as far as there are any: two that meet share what all would share otherwise. */
export function chooseAgentUser(session: string, { runtime, securityOptions }: CountingKernel): AgentUser {
  if (runtime === gvisor || hasUserNamespaces(securityOptions)) return imageUser;
  const number = createHash("sha256").update(session).digest().readUInt32BE();
  return { uid: firstUid + (number % (endUid - firstUid)), gid: imageUser.gid };
}

/** As `docker info` has its security options: the engine's containers have users of their own, or the whole engine has. */
export function hasUserNamespaces(securityOptions: readonly string[]): boolean {
  return securityOptions.some((one) => /^name=(?:userns|rootless)\b/.test(one));
}

/** `uid:gid`, the form of the API's `User` and of the label on volumes */
export function renderUser({ uid, gid }: AgentUser): string {
  return `${uid}:${gid}`;
}

/** Reads the label back; volumes of earlier versions have none and belong to the image's user. */
export function parseUser(label: string | undefined): AgentUser {
  const [, uid, gid] = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(label ?? "") ?? [];
  return uid === undefined ? imageUser : { uid: Number(uid), gid: Number(gid) };
}

/** The image's list of users with its `node` under another id: `ssh`, `whoami` and `os.userInfo()` fail for an id that is not on it. */
export function renamePasswd(text: string | undefined, { uid, gid }: AgentUser): string {
  const lines = (text ?? "root:x:0:0:root:/root:/bin/sh\n").split("\n");
  const own = new RegExp(`^([^:]+:[^:]*):${imageUser.uid}:`);
  const at = lines.findIndex((line) => own.test(line));
  if (at >= 0) lines[at] = (lines[at] ?? "").replace(own, (_, start: string) => `${start}:${uid}:`);
  else lines.unshift(`node:x:${uid}:${gid}::/home/node:/bin/sh`);
  return lines.join("\n");
}
