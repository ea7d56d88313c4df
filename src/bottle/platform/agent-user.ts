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
