/**
 * Whom a bottle's programs run as. A kernel counts inotify instances and watches, memory of pipes, queued signals and messages by user
 * over the whole host: as one and the same user, one agent takes from all others and from whoever has that id on the host.
 */
import { createHash } from "node:crypto";
import { imageUser } from "../platform/agent-user.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import { gvisor } from "./hardening.ts";

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
