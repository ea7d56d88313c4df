/** The image's list of users, for an agent that runs as somebody else. */
import { imageUser } from "../platform/agent-user.ts";
import type { AgentUser } from "../platform/agent-user.ts";

/** The image's list of users with its `node` under another id: `ssh`, `whoami` and `os.userInfo()` fail for an id that is not on it. */
export function renamePasswd(text: string | undefined, { uid, gid }: AgentUser): string {
  const lines = (text ?? "root:x:0:0:root:/root:/bin/sh\n").split("\n");
  const own = new RegExp(`^([^:]+:[^:]*):${imageUser.uid}:`);
  const at = lines.findIndex((line) => own.test(line));
  if (at >= 0) lines[at] = (lines[at] ?? "").replace(own, (_, start: string) => `${start}:${uid}:`);
  else lines.unshift(`node:x:${uid}:${gid}::/home/node:/bin/sh`);
  return lines.join("\n");
}
