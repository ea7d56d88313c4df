/** Services that did not live as long as their session: an agent sees a refused connection, and nobody else would say why. */
import { inTime } from "../../core/time/within.ts";
import type { FoundService } from "../platform/services.ts";
import { readLastLines } from "./last-lines.ts";

/** An engine that is busy with the end of a session is not waited for */
const lookMs = 5_000;

/** One line for each that has ended, with what it said last. Never rejects. */
export async function describeEnded(services: readonly FoundService[]): Promise<string[]> {
  const lines = await Promise.all(
    services.map(({ name, part }) =>
      inTime(
        lookMs,
        describe(name, part).catch(() => undefined),
      ),
    ),
  );
  return lines.filter((line) => line !== undefined);
}

async function describe(name: string, part: FoundService["part"]): Promise<string | undefined> {
  const { isRunning, isOutOfMemory } = await part.state();
  if (isRunning) return undefined;
  const why = isOutOfMemory ? " by its memory limit (limits.memory)" : "";
  const last = (await readLastLines(part)).at(-1);
  return `Service ${name} ended before the session${why}${last === undefined ? "" : `; it said last: ${last}`}`;
}
