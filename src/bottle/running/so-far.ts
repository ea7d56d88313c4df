/** How much an agent has made so far, counted by git in its bottle as its own user: nothing of it is run or read on this machine. */
import { inTime } from "../../core/time/within.ts";
import { workspaceFolder } from "../agent/bottle-paths.ts";
import type { Running } from "../platform/running.ts";
import type { SoFar } from "../sessions.ts";

/** A large repository under gVisor takes a while, and nobody waits for it */
const timeLimitMs = 20_000;
/** The words are seen by the platform: names of commits and nothing else */
const commitId = /^[0-9a-f]{40,64}$/;
const maxKnown = 200;
const script = `
cd "$0" && export GIT_OPTIONAL_LOCKS=0 || exit 1
git rev-list --count --branches HEAD --not "$@" && git status --porcelain --ignore-submodules | wc -l
`;

/** Undefined where there is no repository, or git does not answer in time. */
export async function readSoFar(
  platform: Running,
  session: string,
  known: readonly string[],
): Promise<SoFar | undefined> {
  const ids = known.filter((one) => commitId.test(one)).slice(0, maxKnown);
  const read = async () => {
    const { agent } = await platform.findParts(session);
    const command = ["/bin/sh", "-c", script, workspaceFolder, ...ids];
    const signal = AbortSignal.timeout(timeLimitMs);
    const result = await agent?.run({ command, maxOutputBytes: 4_096, signal });
    const [, commits, files] = /^\s*(\d{1,9})\s+(\d{1,9})\s*$/.exec(result?.stdout ?? "") ?? [];
    return commits === undefined ? undefined : { commits: Number(commits), files: Number(files) };
  };
  return inTime(
    timeLimitMs,
    read().catch(() => undefined),
  );
}
