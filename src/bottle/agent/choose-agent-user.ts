/**
 * Whom a bottle's programs run as. A kernel counts inotify instances and watches, memory of pipes, queued signals and messages by user
 * over the whole host: as one and the same user, one agent takes from all others and from whoever has that id on the host.
 */
import { createHash } from "node:crypto";
import { imageUser } from "../platform/agent-user.ts";
import type { AgentUser } from "../platform/agent-user.ts";

/**
 * Below: 16 bits, with the users of the system and of systemd. Above: what shadow-utils hands out to user namespaces from 100000 on
 * (login.defs, SUB_UID_MIN). In between nobody has any.
 */
const firstUid = 65_536;
const endUid = 100_000;

/**
 * One of its own for each session, as far as there are any: two that meet share what all would share otherwise. With `countsApart` the
 * kernel's counts are not the host's, and there may be no such ids.
 */
export function chooseAgentUser(
  session: string,
  { countsApart }: { readonly countsApart: boolean },
): AgentUser {
  if (countsApart) return imageUser;
  const number = createHash("sha256").update(session).digest().readUInt32BE();
  return { uid: firstUid + (number % (endUid - firstUid)), gid: imageUser.gid };
}
