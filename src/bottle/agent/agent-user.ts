/** Whose an agent's processes and files are, inside its bottle and on volumes. */
export interface AgentUser {
  readonly uid: number;
  readonly gid: number;
}

/** `node` in the image, who owns its home folder. The group is always this one, and the image's files are the group's too */
export const imageUser: AgentUser = { uid: 1000, gid: 1000 };

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
