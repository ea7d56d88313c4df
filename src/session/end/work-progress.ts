/** How far it is with bringing work back, for somebody who sits before a terminal: the rest wants results alone. */
import { renderBar, renderShare } from "../../core/text.ts";
import type { WorkProgress } from "../../bottle/work.ts";
import { makeProgress, silentProgress } from "../../host/progress.ts";
import type { ProgressLine } from "../../host/progress.ts";
import type { World } from "../../host/world.ts";

/** What is over sooner is not worth a line that comes and goes */
const fromMs = 700;
/** More often nobody can read it */
const pauseMs = 100;

export interface WorkProgressLine {
  tell(progress: WorkProgress): void;
  done(): void;
}

export const silentWorkProgress: WorkProgressLine = { tell: () => undefined, done: () => undefined };

/** `now` gives milliseconds. */
export function makeWorkProgress(
  world: World,
  text: string,
  now: () => number = () => performance.now(),
): WorkProgressLine {
  const line = world.stderr.isTTY ? makeProgress(world, false) : silentProgress;
  const startedAt = now();
  let drawnAt = -Infinity;
  return {
    tell(progress) {
      const time = now();
      if (time - startedAt < fromMs || time - drawnAt < pauseMs) return;
      drawIn(line, drawnAt === -Infinity, text, progress);
      drawnAt = time;
    },
    done: () => line.done(),
  };
}

function drawIn(line: ProgressLine, isFirst: boolean, text: string, progress: WorkProgress): void {
  if (isFirst) line.step(text);
  line.detail(renderStage(progress));
}

function renderStage({ stage, done, whole }: WorkProgress): string {
  if (stage === "receive") return `receiving ${renderBar(done, whole)}`;
  if (stage === "compare") return `comparing ${renderShare(done, whole)} of ${whole} files`;
  return stage === "list" ? "listing files" : "packing";
}
