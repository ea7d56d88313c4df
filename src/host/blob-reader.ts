/** Contents of files as commits hold them, one after the other out of one git process: a process for each would take longer than git. */
import { beginTiming } from "../core/time/timings.ts";
import { GitStandstill, limitedCommand, outerLimits } from "./git-process.ts";
import { gitEnvironment, safeSettings, stuck } from "./git.ts";
import type { Env } from "./git.ts";
import { watchForStandstill } from "./process-activity.ts";

export interface BlobReader {
  /** One at a time; throws for an id that is no file's */
  read(id: string): Promise<Uint8Array>;
  close(): void;
}

/** Of the repository that `folder` is the root of. */
export function openBlobs(folder: string, env: Env): BlobReader {
  const settings = safeSettings.flatMap((setting) => ["-c", setting]);
  const endTiming = beginTiming("git", "cat-file");
  const child = Bun.spawn(limitedCommand([...settings, "cat-file", "--batch"], outerLimits), {
    cwd: folder,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    env: gitEnvironment(env),
  });
  const chunks = child.stdout.getReader();
  let rest = Buffer.alloc(0);
  const more = async () => {
    let isStill = false;
    // Between two reads it rightly does nothing
    const watch = watchForStandstill(child.pid, () => {
      isStill = true;
      void watch.kill();
    });
    const { value, done } = await chunks.read().finally(watch.stop);
    if (isStill) throw stuck(folder, new GitStandstill("git cat-file does not answer"));
    if (done) throw new Error("git cat-file ended");
    rest = Buffer.concat([rest, value]);
  };
  return {
    async read(id) {
      child.stdin.write(`${id}\n`);
      await child.stdin.flush();
      while (!rest.includes(10)) await more();
      const end = rest.indexOf(10);
      const size = /^[0-9a-f]+ blob (\d+)$/.exec(rest.toString("latin1", 0, end))?.[1];
      if (size === undefined) throw new Error(`there is no file of id ${id}`);
      rest = rest.subarray(end + 1);
      const parts: Buffer[] = [];
      for (let left = Number(size) + 1; left > 0;) {
        if (rest.length === 0) await more();
        const part = rest.subarray(0, left);
        parts.push(part);
        left -= part.length;
        rest = rest.subarray(part.length);
      }
      return Buffer.concat(parts).subarray(0, Number(size));
    },
    close() {
      endTiming();
      void child.stdin.end();
      child.kill();
    },
  };
}
